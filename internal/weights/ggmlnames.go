package weights

import "strings"

// ggmlNames are words of whisper.cpp's tensor names and what transformers' checkpoints say instead.
var ggmlNames = strings.NewReplacer(
	".blocks.", ".layers.",
	".cross_attn_ln.", ".encoder_attn_layer_norm.",
	".cross_attn.query.", ".encoder_attn.q_proj.",
	".cross_attn.key.", ".encoder_attn.k_proj.",
	".cross_attn.value.", ".encoder_attn.v_proj.",
	".cross_attn.out.", ".encoder_attn.out_proj.",
	".attn_ln.", ".self_attn_layer_norm.",
	".attn.query.", ".self_attn.q_proj.",
	".attn.key.", ".self_attn.k_proj.",
	".attn.value.", ".self_attn.v_proj.",
	".attn.out.", ".self_attn.out_proj.",
	".mlp_ln.", ".final_layer_norm.",
	".mlp.0.", ".fc1.",
	".mlp.2.", ".fc2.",
	".positional_embedding", ".embed_positions.weight",
	".token_embedding.", ".embed_tokens.",
	"encoder.ln_post.", "encoder.layer_norm.",
	"decoder.ln.", "decoder.layer_norm.",
)

// transformersName is the name that a tensor of whisper.cpp has in WhisperForConditionalGeneration.
func transformersName(name string) string { return "model." + ggmlNames.Replace(name) }
