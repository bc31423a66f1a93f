package whisper

// hotwords is an Aho-Corasick automaton over tokens (Aho and Corasick 1975) that favours some words in the search: each token of a
// hotword adds its boost to the score at once, and what an unfinished word had added is taken back when the text goes on otherwise.
type hotwords struct{ nodes []hotNode }

type hotNode struct {
	next map[int]int32 // by token
	fail int32         // the longest other start of a hotword that the text ends in
	held float64       // boosts since the last finished hotword
	gain float64       // boost of the last token
	ends bool          // a hotword ends here
}

// boostedToken is a token that begins, continues or ends a hotword.
type boostedToken struct {
	token int
	node  int32
	gain  float64 // against the score before it
	logp  float32 // ln P without boosts
}

// A Hotword is text to listen for.
type Hotword struct {
	Text  string
	Boost float64 // added to ln P of each of its tokens
}

// newHotwords returns nil without words.
func (m *Model) newHotwords(words []Hotword) *hotwords {
	if len(words) == 0 {
		return nil
	}
	a := &hotwords{nodes: []hotNode{{}}}
	for _, w := range words {
		a.add(m.encode(" "+w.Text), w.Boost)
		a.add(m.encode(w.Text), w.Boost) // at the start of a segment
	}
	a.link()
	return a
}

func (a *hotwords) add(tokens []int, boost float64) {
	at := int32(0)
	for _, t := range tokens {
		to, ok := a.nodes[at].next[t]
		if !ok {
			to = int32(len(a.nodes))
			a.nodes = append(a.nodes, hotNode{})
			if a.nodes[at].next == nil {
				a.nodes[at].next = map[int]int32{}
			}
			a.nodes[at].next[t] = to
		}
		a.nodes[to].gain = max(a.nodes[to].gain, boost)
		at = to
	}
	a.nodes[at].ends = at != 0
}

// link sets held and fail, breadth first.
func (a *hotwords) link() {
	queue := []int32{0}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for t, to := range a.nodes[at].next {
			n := &a.nodes[to]
			if !n.ends {
				n.held = a.nodes[at].held + n.gain
			}
			if at != 0 {
				n.fail = a.step(a.nodes[at].fail, t)
			}
			queue = append(queue, to)
		}
	}
}

// step returns the node after token t.
func (a *hotwords) step(at int32, t int) int32 {
	for {
		if to, ok := a.nodes[at].next[t]; ok {
			return to
		}
		if at == 0 {
			return 0
		}
		at = a.nodes[at].fail
	}
}

// after appends the tokens that go on with a hotword at a node, and returns what every other token adds to the score: it takes the
// boosts of an unfinished word back.
func (a *hotwords) after(out []boostedToken, node int32) ([]boostedToken, float64) {
	first := len(out)
	for at := node; ; at = a.nodes[at].fail {
		for t, to := range a.nodes[at].next {
			if !contains(out[first:], t) {
				out = append(out, boostedToken{token: t, node: to, gain: a.nodes[at].held + a.nodes[to].gain - a.nodes[node].held})
			}
		}
		if at == 0 {
			return out, -a.nodes[node].held
		}
	}
}

func contains(list []boostedToken, token int) bool {
	for _, b := range list {
		if b.token == token {
			return true
		}
	}
	return false
}
