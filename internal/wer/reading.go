package wer

import "strings"

// A reading goes through words once and gathers numbers.
type reading struct {
	*numbers
	words  []string
	out    []string
	prefix string   // sign or currency of the number that is read
	value  quantity // read so far
}

// read handles every word, knowing the one before and the one behind.
func (r *reading) read() {
	for i := 0; i < len(r.words); i++ {
		prev, next := "", ""
		if i > 0 {
			prev = r.words[i-1]
		}
		if i+1 < len(r.words) {
			next = r.words[i+1]
		}
		if r.word(prev, r.words[i], next) {
			i++
		}
	}
	r.flush()
}

// emit writes text with the prefix, and forgets the number.
func (r *reading) emit(text string) {
	r.out = append(r.out, r.prefix+text)
	r.prefix, r.value = "", quantity{}
}

// flush writes the number that was read, if there is one.
func (r *reading) flush() {
	if !r.value.none() {
		r.emit(r.value.String())
	}
}

// plain writes a word that is no part of a number.
func (r *reading) plain(word string) {
	r.flush()
	r.emit(word)
}

// word handles one word; skip says that the next one was used too.
func (r *reading) word(prev, word, next string) (skip bool) {
	s := sign(word)
	bare := strings.TrimPrefix(word, s)
	switch {
	case numeral.MatchString(bare):
		r.numeral(s, bare, word)
	case !r.numbers.words[word]:
		r.plain(word)
	case r.zeros[word]:
		r.value = r.value.then("0")
	case has(r.units, word):
		r.value = r.unit(prev, r.units[word])
	case has(r.endUnits, word):
		e := r.endUnits[word]
		r.emit(r.unit(prev, e.value).String() + e.suffix)
	case has(r.tens, word):
		r.value = r.ten(r.tens[word])
	case has(r.endTens, word):
		e := r.endTens[word]
		r.emit(r.ten(e.value).String() + e.suffix)
	case has(r.powers, word):
		r.power(word)
	case has(r.endPowers, word):
		r.endPower(word)
	default:
		return r.marker(prev, word, next)
	}
	return false
}

// numeral takes a number in digits: bare without its sign.
func (r *reading) numeral(s, bare, word string) {
	if strings.HasSuffix(r.value.digits, ".") {
		r.value.digits += word
		return
	}
	r.flush()
	if s != "" {
		r.prefix = s
	}
	r.value = quantity{digits: bare}
	if v, ok := r.value.rational(); ok && v.IsInt() {
		r.value = quantity{integer: v.Num()}
	}
}

// unit adds one to nineteen: "twenty" "one" is 21, "nine" "one" 91, "twenty" "nineteen" 2019.
func (r *reading) unit(prev string, v int64) quantity {
	digits := whole(v).String()
	switch q := r.value; {
	case q.none():
		return whole(v)
	case q.integer == nil || has(r.units, prev):
		if has(r.tens, prev) && v < 10 && strings.HasSuffix(q.digits, "0") {
			return quantity{digits: strings.TrimSuffix(q.digits, "0") + digits}
		}
		return quantity{digits: q.String() + digits}
	case v < 10 && q.divides(10) || v >= 10 && q.divides(100):
		return q.plus(v)
	default:
		return quantity{digits: q.String() + digits}
	}
}

// ten adds twenty to ninety.
func (r *reading) ten(v int64) quantity {
	switch q := r.value; {
	case q.none():
		return whole(v)
	case q.divides(100):
		return q.plus(v)
	default:
		return quantity{digits: q.String() + whole(v).String()}
	}
}

// power takes hundred, thousand and so on.
func (r *reading) power(word string) {
	power := r.powers[word]
	switch q := r.value; {
	case q.none():
		r.value = quantity{integer: power}
	case q.integer == nil || q.zero():
		p, ok := q.times(power)
		if !ok {
			r.emit(q.String())
			p = quantity{integer: power}
		}
		r.value = p
	default:
		r.value = q.grouped(power)
	}
}

// endPower takes hundreds, thousandth and so on, which end a number.
func (r *reading) endPower(word string) {
	e := r.endPowers[word]
	switch q := r.value; {
	case q.none():
		r.emit(e.value.String() + e.suffix)
	case q.integer == nil:
		p, ok := q.times(e.value)
		if !ok {
			r.emit(q.String())
			p = quantity{integer: e.value}
		}
		r.emit(p.String() + e.suffix)
	default:
		r.emit(q.grouped(e.value).String() + e.suffix)
	}
}

// marker takes the words around numbers: signs, currencies, percent, and, double, triple, point.
func (r *reading) marker(prev, word, next string) (skip bool) {
	switch follows := r.numeric(next); {
	case has(r.signsBefore, word):
		r.flush()
		if !follows {
			r.emit(word)
			return false
		}
		r.prefix = r.signsBefore[word]
	case has(r.signsBehind, word):
		if r.value.none() {
			r.emit(word)
			return false
		}
		r.prefix = r.signsBehind[word]
		r.flush()
	case word == "percent" && !r.value.none():
		r.emit(r.value.String() + "%")
	case word == "per" && next == "cent" && !r.value.none():
		r.emit(r.value.String() + "%")
		return true
	case word == "per" || word == "percent" || !follows:
		r.plain(word)
	case word == "and":
		if !has(r.powers, prev) {
			r.plain(word)
		}
	case word == "point":
		if r.afterPoint[next] || numeral.MatchString(next) {
			r.value = r.value.then(".")
		}
	case has(r.units, next) || r.zeros[next]:
		r.repeat(word, next)
		return true
	default:
		r.plain(word)
	}
	return false
}

// repeat takes "double oh" and "triple five".
func (r *reading) repeat(word, next string) {
	times := 2
	if word == "triple" {
		times = 3
	}
	r.value = r.value.then(strings.Repeat(whole(r.units[next]).String(), times))
}
