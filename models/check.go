package models

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// newSum returns the hash that an etag is of: SHA-256 for 64 hexadecimal digits, as of large files, git's SHA-1 of a blob for 40, as
// of small ones. Other etags say nothing about the bytes: nil.
func newSum(f File) hash.Hash {
	if _, err := hex.DecodeString(f.ETag); err != nil {
		return nil
	}
	switch len(f.ETag) {
	case 2 * sha256.Size:
		return sha256.New()
	case 2 * sha1.Size:
		sum := sha1.New()
		fmt.Fprintf(sum, "blob %d\x00", f.Size)
		return sum
	}
	return nil
}

// errSum says that a file arrived with other bytes than the server promised.
type errSum struct{ want, got string }

func (e errSum) Error() string {
	return fmt.Sprintf("checksum %s, want %s: the file was damaged on the way, twice; try again, or another HF_ENDPOINT", e.got, e.want)
}

func checkSum(f File, sum hash.Hash) error {
	if sum == nil {
		return nil
	}
	if got := hex.EncodeToString(sum.Sum(nil)); !strings.EqualFold(got, f.ETag) {
		return errSum{f.ETag, got}
	}
	return nil
}
