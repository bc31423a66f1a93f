//go:build !purego

package kernel

import (
	"encoding/binary"
	"os"
	"regexp"
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

var datum = regexp.MustCompile(`^DATA (\w+)<>\+(\d+)\(SB\)/([48]), \$(\w+)$`)

// readPrograms parses the functions of a file, and their constants.
func readPrograms(t *testing.T, file string) (map[string]*program, map[string]*[64]byte) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all, data := map[string]*program{}, map[string]*[64]byte{}
	var now *program
	for _, line := range strings.Split(string(text), "\n") {
		code, comment, _ := strings.Cut(line, "//")
		code = strings.TrimSpace(code)
		switch {
		case code == "" || strings.HasPrefix(code, "#") || strings.HasPrefix(code, "GLOBL"):
		case strings.HasPrefix(code, "DATA"):
			m := datum.FindStringSubmatch(code)
			if m == nil {
				t.Fatalf("%s: not understood", code)
			}
			at, _ := strconv.Atoi(m[2])
			value, _ := strconv.ParseUint(m[4], 0, 64)
			if data[m[1]] == nil {
				data[m[1]] = new([64]byte)
			}
			if to := data[m[1]][at:]; m[3] == "8" {
				binary.LittleEndian.PutUint64(to, value)
			} else {
				binary.LittleEndian.PutUint32(to, uint32(value))
			}
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
	return all, data
}

func split(code string) statement {
	op, args, _ := strings.Cut(code, " ")
	s := statement{op: op}
	if args != "" {
		s.args = strings.Split(args, ", ")
	}
	return s
}
