// Package ram tells how much memory the machine has.
package ram

// Total returns the bytes of memory that this process may use at most: the machine's, or fewer where a container limits it. ok is false
// where nobody knows.
func Total() (n int64, ok bool) { return total() }
