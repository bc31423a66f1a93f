package asr

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
)

var testUnits = []string{"_", "a", "ə", "t"}

func TestReadLexicon(t *testing.T) {
	l, err := readLexicon(strings.NewReader("a\tə\na\ta\nat\tət\ntat\ttat\n"), testUnits)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(l.words, " "); got != "a at tat" || len(l.prons) != 4 {
		t.Fatalf("%s, %d pronunciations", got, len(l.prons))
	}
	if p := l.of(l.prons[2]); len(p) != 2 || p[0] != 2 || p[1] != 3 {
		t.Errorf("at: %v", p)
	}
	for _, bad := range []string{"a", "a\t", "\ta", "a\tx", "a\t" + strings.Repeat("a", 65), "\x1f\x8b"} {
		if _, err := readLexicon(strings.NewReader(bad), testUnits); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Every pronunciation is the path to a node of the tree that holds its word, and nothing else is in the tree.
func TestTree(t *testing.T) {
	l := testLexicon()
	tr := newTree(l, nil)
	ends := 0
	var walk func(n int32, path []uint8)
	walk = func(n int32, path []uint8) {
		node := tr.nodes[n]
		for _, e := range tr.ends[node.end : node.end+node.ends] {
			ends++
			if !bytes.Equal(path, l.of(l.prons[e.pron])) {
				t.Errorf("pronunciation %d at %v", e.pron, path)
			}
		}
		last := uint8(0)
		for c := node.child; c < node.child+node.children; c++ {
			if tr.nodes[c].phone <= last {
				t.Errorf("children of %v are not sorted", path)
			}
			last = tr.nodes[c].phone
			walk(c, append(path[:len(path):len(path)], last))
		}
	}
	walk(0, nil)
	if ends != len(l.prons) || len(tr.nodes) != 7 {
		t.Errorf("%d ends, %d nodes", ends, len(tr.nodes))
	}
}

func FuzzReadLexicon(f *testing.F) {
	f.Add([]byte("a\tə\nat\tət\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if l, err := readLexicon(bytes.NewReader(data), testUnits); err == nil {
			newTree(l, nil)
		}
	})
}

func FuzzConfig(f *testing.F) {
	f.Add([]byte(`{"model_type": "parley_hybrid", "heads": 1e9}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := &hybrid{}
		_ = m.loadConfig(fstest.MapFS{"config.json": {Data: data}})
	})
}
