package text

// Words that are written alike and said differently are told apart by their neighbours. The rules are few and sure; where
// none applies, the usual reading stands.

var (
	verbBefore = set("to will would can could should may might must shall do does did don't didn't doesn't won't can't cannot couldn't wouldn't " +
		"shouldn't i you we they who let's please not never always often usually i'll you'll we'll they'll he'll she'll i'd you'd we'd they'd helps")
	thirdBefore = set("he she it who which that never always often usually")
	nounBefore  = set("the a an this that these those my your his her its our their of some any no every each another little more much whose in for with " +
		"one's large small new good")
	perfectBefore = set("have has had having was were been be is are being i've you've we've they've he'd she'd he she it well")
	degree        = set("quite so more too become became becoming grown getting")
	beBefore      = set("was were is are be been being get got it's i'm they're that's not")
)

// reading chooses among the readings of e between its neighbours, which are in lower case and empty at marks.
func reading(e Entry, prev, word, next string) string {
	tag := ""
	if rule, ok := heteronyms[word]; ok {
		tag = rule(prev, next)
	} else {
		tag = guessTag(prev, word)
	}
	for _, v := range e.Variants {
		if v.Tag == tag {
			return v.Phonemes
		}
	}
	return e.Phonemes
}

// guessTag guesses a part of speech from the word before.
func guessTag(prev, word string) string {
	third := len(word) > 2 && word[len(word)-1] == 's'
	switch {
	case third && thirdBefore[prev], !third && verbBefore[prev]:
		return "VERB"
	case nounBefore[prev]:
		return "NOUN"
	}
	return ""
}

// when returns tag under a condition.
func when(condition bool, tag string) string {
	if condition {
		return tag
	}
	return ""
}

var (
	placeAfter = set("in on at with here there alone near by under together to for as among within up through happily")
	showAfter  = set("music show shows stream concert broadcast performance audience coverage tv television recording action ammunition bait wire animals demo")
)

// heteronyms have rules of their own: the tag for the neighbours.
var heteronyms = map[string]func(prev, next string) string{
	"live": func(prev, next string) string {
		return when(!showAfter[next] && !nounBefore[prev] && !beBefore[prev], "VERB")
	},
	"lives": func(prev, next string) string {
		return when(thirdBefore[prev] || placeAfter[next] && !nounBefore[prev], "VERB")
	},
	"read": func(prev, _ string) string { return when(perfectBefore[prev], "VBD") },
	"used": func(prev, next string) string { return when(next == "to" && !beBefore[prev] && !degree[prev], "VBD") },
	"wound": func(prev, next string) string {
		return when(next == "up" || next == "around" || next == "down" || next == "through", "VBD")
	},
	"close": func(prev, next string) string {
		return when(verbBefore[prev] || next == "the" || next == "your", "VERB")
	},
	"invalid":  func(prev, next string) string { return when(nounBefore[prev] && next == "", "NOUN") },
	"contents": func(_, _ string) string { return "NOUN" },
	"minute": func(_, next string) string {
		return when(next == "details" || next == "detail" || next == "particles", "ADJ")
	},
	"wind": func(prev, next string) string {
		return when(verbBefore[prev] && prev != "not" || next == "up" && !nounBefore[prev], "VERB")
	},
	"bass": func(_, next string) string { return when(next != "fishing", "ADJ") },
	"learned": func(prev, next string) string {
		return when(next == "man" || next == "men" || next == "friend" || next == "society", "ADJ")
	},
	"that":     func(_, _ string) string { return "" },
	"increase": func(prev, _ string) string { return when(nounBefore[prev], "NOUN") },
}
