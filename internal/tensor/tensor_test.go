package tensor

import "testing"

func TestViews(t *testing.T) {
	m := From([]float32{1, 2, 3, 4, 5, 6}, 3, 2)
	if r := m.Row(1); len(r) != 2 || cap(r) != 2 || r[0] != 3 {
		t.Errorf("Row(1) = %v", r)
	}
	s := m.Slice(1, 3)
	if s.Rows != 2 || s.Cols != 2 || s.Row(1)[1] != 6 {
		t.Errorf("Slice(1, 3) = %+v", s)
	}
	s.Row(0)[0] = 9
	if m.Row(1)[0] != 9 {
		t.Error("Slice copied")
	}
	if e := m.Slice(3, 3); e.Rows != 0 || len(e.Data) != 0 {
		t.Errorf("empty slice %+v", e)
	}
	if z := New(2, 3); len(z.Data) != 6 {
		t.Errorf("New(2, 3) = %+v", z)
	}
}

func TestShapeBugsPanic(t *testing.T) {
	m := New(2, 2)
	for name, f := range map[string]func(){
		"New":   func() { New(-1, 2) },
		"From":  func() { From(make([]float32, 3), 2, 2) },
		"Row":   func() { m.Row(2) },
		"Row-":  func() { m.Row(-1) },
		"Slice": func() { m.Slice(1, 3) },
		"order": func() { m.Slice(2, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
