package cpu

import "testing"

// TestRequestAMX: the answer depends on the machine, but asking must be harmless, also twice.
func TestRequestAMX(t *testing.T) {
	first := requestAMX()
	if again := requestAMX(); again != first {
		t.Errorf("%v, then %v", first, again)
	}
	if hasAMX() && !first {
		t.Log("the processor has AMX, the operating system refuses it")
	}
}
