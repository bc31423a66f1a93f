package wer

import (
	"math/big"
	"strings"
)

// A quantity is what a reading has so far: nothing, an integer, or digits that are not one, such as "2.", "007" or "19".
type quantity struct {
	integer *big.Int
	digits  string
}

func whole(v int64) quantity { return quantity{integer: big.NewInt(v)} }

func (q quantity) none() bool { return q.integer == nil && q.digits == "" }

func (q quantity) zero() bool { return q.integer != nil && q.integer.Sign() == 0 }

func (q quantity) String() string {
	if q.integer != nil {
		return q.integer.String()
	}
	return q.digits
}

// then writes digits behind q; nothing and the integer 0 vanish.
func (q quantity) then(digits string) quantity {
	if q.none() || q.zero() {
		return quantity{digits: digits}
	}
	return quantity{digits: q.String() + digits}
}

// divides tells whether an integer ends in zeros: is a multiple of n.
func (q quantity) divides(n int64) bool {
	return q.integer != nil && new(big.Int).Mod(q.integer, big.NewInt(n)).Sign() == 0
}

func (q quantity) plus(v int64) quantity {
	return quantity{integer: new(big.Int).Add(q.integer, big.NewInt(v))}
}

// rational is the value of digits: "2.5", "2.", "007". ok is false for others, such as "1.2.3" and ".".
func (q quantity) rational() (v *big.Rat, ok bool) {
	text := q.String()
	before, behind, _ := strings.Cut(text, ".")
	if before+behind == "" || strings.ContainsFunc(before+behind, func(r rune) bool { return r < '0' || r > '9' }) {
		return nil, false
	}
	return new(big.Rat).SetString("0" + before + "." + behind + "0")
}

// times multiplies digits by a power of ten; ok is false where that is no integer.
func (q quantity) times(power *big.Int) (p quantity, ok bool) {
	v, ok := q.rational()
	if !ok {
		return q, false
	}
	v.Mul(v, new(big.Rat).SetInt(power))
	if !v.IsInt() {
		return q, false
	}
	return quantity{integer: new(big.Int).Set(v.Num())}, true
}

// grouped multiplies what an integer has below a thousand: 3 hundred, 43 thousand 2 hundred.
func (q quantity) grouped(power *big.Int) quantity {
	thousand := big.NewInt(1000)
	above, below := new(big.Int).DivMod(q.integer, thousand, new(big.Int))
	above.Mul(above, thousand)
	return quantity{integer: above.Add(above, below.Mul(below, power))}
}
