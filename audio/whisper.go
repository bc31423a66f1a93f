package audio

// WhisperMel is the spectrum that OpenAI's Whisper models take (openai/whisper, audio.py, log_mel_spectrogram), before
// WhisperScale: 16 kHz, every 10 ms, mels 80 or 128, decimal logarithm. N samples make N/160 frames, centred on sample
// 160t, the ends mirrored. Whisper drops the last frame; so Right is 40 and not 200.
func WhisperMel(mels int) MelConfig {
	return MelConfig{
		Rate: 16000, FFT: 400, Window: 400, Hop: 160, Mels: mels, Power: 2, Log: Log10, Floor: 1e-10,
		Left: 200, Right: 40, Reflect: true,
	}
}

// WhisperScale finishes a WhisperMel spectrum in place: values more than 8 below the greatest are raised to that, and
// all are mapped by (x+4)/4. Whisper does this to a window of 30 s at once, so it is not part of the stream.
func WhisperScale(mel []float32) {
	if len(mel) == 0 {
		return
	}
	top := mel[0]
	for _, v := range mel {
		if v > top {
			top = v
		}
	}
	least := top - 8
	for i, v := range mel {
		if v < least {
			v = least
		}
		mel[i] = (v + 4) * 0.25
	}
}
