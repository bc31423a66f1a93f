#!/usr/bin/env python3
"""Compress the files of a model: compress.py FILE ...

Writes FILE.zst (RFC 8878) beside each and removes FILE. Weights are cut into frames of 128 KiB, so that internal/zst can read a tensor without
all the others; zstd -d takes them too.
"""
import os, sys
import zstandard

FRAME = 1 << 17


def main():
    packer = zstandard.ZstdCompressor(level=19, write_checksum=True)
    for path in sys.argv[1:]:
        data = open(path, 'rb').read()
        frame = FRAME if path.endswith('.safetensors') else len(data)
        with open(path + '.zst', 'wb') as f:
            for at in range(0, len(data), frame):
                f.write(packer.compress(data[at:at + frame]))
        print(f'{path}: {len(data)} bytes became {os.path.getsize(path + ".zst")}')
        os.remove(path)


if __name__ == '__main__':
    main()
