"""Naturalness by NISQA-TTS (Mittag, Möller 2020), a neural predictor of mean opinion scores, 1 to 5, through its own package.

Neither its code nor its weights (CC BY-NC-SA) are part of this project: --nisqa names a copy of its repository."""
import glob
import math
import os
import sys


def judge(repository, folder):
    """{'mean', 'ci' (half of the 95 % interval of the mean), 'scores'} of FOLDER/*.wav; None without repository."""
    weights = f'{repository}/weights/nisqa_tts.tar'
    if not os.path.exists(weights):
        raise SystemExit(f'naturalness.py: {weights} is not there: --nisqa wants a copy of github.com/gabrielmittag/NISQA')
    import torch
    if repository not in sys.path:
        sys.path.insert(0, repository)
    load = torch.load
    torch.load = lambda *a, **k: load(*a, **{**k, 'weights_only': False})   # the checkpoint holds its settings as plain objects
    try:
        from nisqa.NISQA_model import nisqaModel
        model = nisqaModel(dict(mode='predict_dir', pretrained_model=weights, data_dir=folder, output_dir=None, ms_channel=None,
                                tr_bs_val=1, tr_num_workers=0, tr_parallel=False))
        table = model.predict()
    finally:
        torch.load = load
    scores = [float(s) for s in table['mos_pred']]
    assert len(scores) == len(glob.glob(folder + '/*.wav'))
    mean = sum(scores) / len(scores)
    spread = math.sqrt(sum((s - mean) ** 2 for s in scores) / max(1, len(scores) - 1))
    return dict(mean=mean, ci=1.96 * spread / math.sqrt(len(scores)), scores=[round(s, 3) for s in scores])
