package text

// durationUnits by rank: those of a duration descend, and so tell minutes from meters.
var durationUnits = map[string]struct {
	rank int
	name string
}{"d": {1, "day"}, "h": {2, "hour"}, "hr": {2, "hour"}, "hrs": {2, "hour"}, "m": {3, "minute"}, "min": {3, "minute"}, "mins": {3, "minute"},
	"s": {4, "second"}, "sec": {4, "second"}, "secs": {4, "second"}}

// duration reads 1h 30m, 2h5m10s and 1 h 30 min: two numbers or more, each with a smaller unit than the one before.
func duration(p *parser, i int) (string, int) {
	words, n, rank, pairs := "", 0, 0, 0
	for p.tok(i+n).kind == digits && len(p.toks[i+n].text) <= 4 {
		unit, u := durationUnits[p.tok(i+n+1).text], p.tok(i+n+1)
		if unit.rank <= rank || p.glued(i+n+2) && p.toks[i+n+2].kind == word || u.space && rank == 0 && unit.rank != 2 {
			break
		}
		if pairs++; words != "" {
			words += " "
		}
		words += count(p.toks[i+n].text, unit.name)
		rank = unit.rank
		n += 2
	}
	if pairs < 2 {
		return "", 0
	}
	return words, n
}
