//go:build !purego

package kernel

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// program is the code of one function of the assembly: what the assembler knows from its text, the rest from its bytes.
type program struct {
	lines  []statement
	labels map[string]int
}

type statement struct {
	op   string
	args []string
}

// readPrograms parses the functions of a file, and the configuration of the tiles.
func readPrograms(t *testing.T, file string) (map[string]*program, [64]byte) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all, config := map[string]*program{}, [64]byte{}
	var now *program
	for _, line := range strings.Split(string(text), "\n") {
		code, comment, _ := strings.Cut(line, "//")
		code = strings.TrimSpace(code)
		switch {
		case code == "" || strings.HasPrefix(code, "#") || strings.HasPrefix(code, "GLOBL"):
		case strings.HasPrefix(code, "DATA"):
			var at int
			var value uint64
			if _, err := fmt.Sscanf(code, "DATA amxConfig<>+%d(SB)/8, $%v", &at, &value); err != nil {
				t.Fatalf("%s: %v", code, err)
			}
			binary.LittleEndian.PutUint64(config[at:], value)
		case strings.HasPrefix(code, "TEXT"):
			now = &program{labels: map[string]int{}}
			all[code[len("TEXT ·"):strings.Index(code, "(")]] = now
		case strings.HasSuffix(code, ":"):
			now.labels[strings.TrimSuffix(code, ":")] = len(now.lines)
		case strings.HasPrefix(code, "BYTE"):
			var bytes []byte
			for _, p := range byteOrLong.FindAllStringSubmatch(code, -1) {
				b, _ := strconv.ParseUint(p[2], 16, 8)
				bytes = append(bytes, byte(b))
			}
			decoded, err := decode(bytes)
			if err != nil {
				t.Fatalf("%s: %v", comment, err)
			}
			now.lines = append(now.lines, split(decoded))
		default:
			now.lines = append(now.lines, split(code))
		}
	}
	return all, config
}

func split(code string) statement {
	op, args, _ := strings.Cut(code, " ")
	s := statement{op: op}
	if args != "" {
		s.args = strings.Split(args, ", ")
	}
	return s
}
