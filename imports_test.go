package parley

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/parley-go/parley"

// allowed says which packages of this module a package may import directly: docs/design.md, section 2. Names are paths
// below the module; a name that ends in /... stands for everything below it. What is not listed here may not exist.
var allowed = map[string][]string{
	"": {},

	"cmd/...":     {"internal/cli", "internal/cli/fetch", "internal/wer", "internal/whisper", "internal/weights", "internal/kernel", "internal/cpu", "models", "models/...", "asr", "tts", "audio", "audio/device"},
	"models":      {"models/card"},
	"models/card": {},
	"models/en":   {"asr", "tts", "vad", "models/card"},

	"asr":          {"vad", "transformer", "audio", "internal/..."},
	"tts":          {"text", "vocoder", "transformer", "audio", "internal/..."},
	"text":         {"transformer", "internal/..."},
	"vad":          {"audio", "models/card", "internal/..."},
	"vocoder":      {"transformer", "audio", "internal/..."},
	"transformer":  {"internal/..."},
	"audio":        {"internal/kernel", "internal/tensor", "internal/par"},
	"audio/device": {"audio"},

	"internal/cli":         {},
	"internal/cli/fetch":   {"internal/cli", "models"},
	"internal/weights":     {"internal/kernel", "internal/tensor", "internal/par"},
	"internal/tokenizer":   {"internal/kernel", "internal/tensor", "internal/par"},
	"internal/ngram":       {},
	"internal/moonshine":   {"transformer", "internal/..."},
	"internal/speech2text": {"transformer", "internal/..."},
	"internal/golden":      {"internal/kernel", "internal/tensor", "internal/weights"},
	"internal/wav2vec2":    {"transformer", "audio", "internal/..."},
	"internal/whisper":     {"vad", "transformer", "audio", "internal/..."},
	"internal/ram":         {},
	"internal/wer":         {},
	"internal/zst":         {},
	"internal/kernel":      {"internal/cpu", "internal/par", "internal/tensor"},
	"internal/tensor":      {"internal/par"},
	"internal/par":         {},
	"internal/cpu":         {},

	"internal/kernel/peak": {"internal/cpu"},

	"training/...": {"text", "vad", "asr", "tts", "audio", "internal/..."},
	"bench/...":    {"models/...", "text", "vad", "asr", "tts", "vocoder", "transformer", "audio", "internal/..."},
}

// never are indirect imports that the table alone would let through.
var never = map[string][]string{
	"asr":         {"tts", "text", "vocoder"},
	"tts":         {"asr"},
	"transformer": {"audio", "asr", "tts", "text", "vocoder"},
	"audio":       {"transformer", "vad"},
	"vad":         {"asr", "tts", "text", "transformer"},
}

// pkg is what go list tells about a package.
type pkg struct {
	ImportPath   string
	Imports      []string // directly
	TestImports  []string
	XTestImports []string
	Deps         []string // directly and indirectly
}

func TestImportsPointOneWay(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range listPackages(t) {
		name := below(p.ImportPath)
		seen[name] = true
		rule, ok := find(name)
		if !ok {
			t.Errorf("%q is not in the table of docs/design.md and of this test", name)
			continue
		}
		for _, imp := range own(p.Imports) {
			if !slices.ContainsFunc(rule, func(pattern string) bool { return matches(pattern, imp) }) {
				t.Errorf("%s imports %s; it may import %q", name, imp, rule)
			}
			if strings.HasPrefix(imp, "internal/cli") && !strings.HasPrefix(name, "cmd/") && name != "internal/cli/fetch" {
				t.Errorf("%s imports %s, which is for the commands", name, imp)
			}
		}
		for _, dep := range own(p.Deps) {
			if slices.Contains(never[name], dep) {
				t.Errorf("%s depends on %s", name, dep)
			}
		}
		if name == "cmd/speak" && slices.Contains(p.Deps, "net/http") {
			t.Errorf("%s links net/http, 5 MB that it has no use for", name)
		}
		for _, imp := range append(p.Imports, append(p.TestImports, p.XTestImports...)...) {
			if imp == "C" && name != "audio/device" {
				t.Errorf("%s uses cgo", name)
			}
		}
	}
	for _, name := range []string{"asr", "tts", "vad", "text", "vocoder", "transformer", "audio", "internal/kernel"} {
		if !seen[name] {
			t.Errorf("go list does not know %s", name)
		}
	}
}

// listPackages asks the go command for every package of the module.
func listPackages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "./...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// below is the path of a package below the module, "" for the module's root.
func below(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, module), "/") }

// own are the packages of this module among paths.
func own(paths []string) []string {
	var list []string
	for _, p := range paths {
		if strings.HasPrefix(p, module+"/") {
			list = append(list, below(p))
		}
	}
	return list
}

// find is the rule for a package: that of its name, else of the folder it is in.
func find(name string) ([]string, bool) {
	if rule, ok := allowed[name]; ok {
		return rule, true
	}
	for pattern, rule := range allowed {
		if matches(pattern, name) {
			return rule, true
		}
	}
	return nil, false
}

func matches(pattern, name string) bool {
	if folder, ok := strings.CutSuffix(pattern, "/..."); ok {
		return strings.HasPrefix(name, folder+"/")
	}
	return pattern == name
}
