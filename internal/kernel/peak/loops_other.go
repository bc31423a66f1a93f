//go:build !amd64 || purego

package peak

func operations(Loop) int { return 0 }

func loops() []Loop { return nil }

func arithmetic(Loop, int) {}

func canRead() bool { return false }

func read([]byte) {}
