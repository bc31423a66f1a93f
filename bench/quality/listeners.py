"""Round trip: what recognisers hear when a voice speaks: ours, and Whisper base, both through `parley bench wer`."""
from sets import write_table


def listen(work, name, folder, texts, voice, ear):
    """{'listen': counts, 'whisper': counts or None}."""
    table = folder + '/manifest.tsv'
    write_table(table, [dict(path=f'{i:02d}.wav', text=t) for i, t in enumerate(texts)])
    command = [work.tool('parley'), 'bench', 'wer', '--manifest', table, '--json']
    jobs = {f'trip-listen-{name}': (lambda: work.json(*command, '--streaming', '-o', folder + '/listen.tsv'), voice + ear)}
    if work.args.whisper:
        base = f'{work.args.whisper}/whisper-base'
        jobs[f'trip-whisper-{name}'] = (lambda: work.json(*command, '-m', base, '--precision', 'int8', '-o', folder + '/whisper.tsv'), voice)
    heard = work.results(jobs)
    return dict(listen=heard[f'trip-listen-{name}'], whisper=heard.get(f'trip-whisper-{name}'))
