"""Naturalness by two neural predictors of mean opinion scores, 1 to 5, through their own packages: NISQA-TTS (Mittag, Möller 2020), made for synthetic
speech, and Distill-MOS (Stahl, Gamper 2025, arXiv:2502.05356; MIT), made for all. What only one of them likes is the one's weakness, not the voice's strength.

NISQA's code and weights (CC BY-NC-SA) are no part of this project: --nisqa names a copy of its repository. pip install distillmos xls-r-sqa."""
import glob
import importlib.util
import math
import os
import sys

from sets import decode


def judge(scores):
    """{'mean', 'ci' (half of the 95 % interval of the mean), 'scores'}."""
    mean = sum(scores) / len(scores)
    spread = math.sqrt(sum((s - mean) ** 2 for s in scores) / max(1, len(scores) - 1))
    return dict(mean=mean, ci=1.96 * spread / math.sqrt(len(scores)), scores=[round(s, 3) for s in scores])


def distill(folder):
    """What Distill-MOS says of FOLDER/*.wav, heard at 16 kHz; None where it is not installed."""
    if not importlib.util.find_spec('distillmos'):
        print('no Distill-MOS: pip install distillmos xls-r-sqa')
        return None
    import distillmos
    import numpy as np
    import torch
    model = distillmos.ConvTransformerSQAModel().eval()

    def score(path):
        with open(path, 'rb') as f, torch.inference_mode():
            return float(model(torch.from_numpy(np.clip(decode(f.read(), 16000), -1, 1))[None]))
    return judge([score(p) for p in sorted(glob.glob(folder + '/*.wav'))])


def nisqa(repository, folder):
    """What NISQA-TTS says of FOLDER/*.wav."""
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
    return judge(scores)
