package wer

import "fmt"

// Counts are the edits that turn references into hypotheses.
type Counts struct {
	Words         int `json:"words"` // of the references
	Substitutions int `json:"substitutions"`
	Insertions    int `json:"insertions"`
	Deletions     int `json:"deletions"`
}

// Errors is the number of edits.
func (c Counts) Errors() int { return c.Substitutions + c.Insertions + c.Deletions }

// Rate is the word error rate: 0 is none, 1 as many edits as the references have words.
func (c Counts) Rate() float64 { return float64(c.Errors()) / float64(max(1, c.Words)) }

// Add sums up utterances: the rate of many is that of all their words together.
func (c *Counts) Add(o Counts) {
	c.Words += o.Words
	c.Substitutions += o.Substitutions
	c.Insertions += o.Insertions
	c.Deletions += o.Deletions
}

func (c Counts) String() string {
	return fmt.Sprintf("WER %.2f %% (%d words, %d S, %d I, %d D)", 100*c.Rate(), c.Words, c.Substitutions, c.Insertions, c.Deletions)
}

// Align counts the fewest edits that turn ref into hyp (Levenshtein 1966). Of the alignments with so few it takes the one that jiwer takes:
// what both start and end with is paired; in between, from the end, a deletion where one is among the best, else an insertion where no
// pair would do as well, else the pair.
func Align(ref, hyp []string) Counts {
	c := Counts{Words: len(ref)}
	for len(ref) > 0 && len(hyp) > 0 && ref[0] == hyp[0] {
		ref, hyp = ref[1:], hyp[1:]
	}
	for len(ref) > 0 && len(hyp) > 0 && ref[len(ref)-1] == hyp[len(hyp)-1] {
		ref, hyp = ref[:len(ref)-1], hyp[:len(hyp)-1]
	}
	cost := distances(ref, hyp)
	i, j := len(ref), len(hyp)
	for i > 0 && j > 0 {
		switch {
		case cost[i][j] == cost[i-1][j]+1:
			c.Deletions++
			i--
		case cost[i][j-1] < cost[i-1][j-1]:
			c.Insertions++
			j--
		default:
			if ref[i-1] != hyp[j-1] {
				c.Substitutions++
			}
			i--
			j--
		}
	}
	c.Deletions += i
	c.Insertions += j
	return c
}

// distances returns the edits between every beginning of ref and of hyp (R+1, H+1).
func distances(ref, hyp []string) [][]int32 {
	width := len(hyp) + 1
	all := make([]int32, (len(ref)+1)*width)
	rows := make([][]int32, len(ref)+1)
	for i := range rows {
		rows[i] = all[i*width : (i+1)*width]
		rows[i][0] = int32(i)
	}
	for j := range width {
		rows[0][j] = int32(j)
	}
	for i, r := range ref {
		for j, h := range hyp {
			d := rows[i][j]
			if r != h {
				d++
			}
			rows[i+1][j+1] = min(d, rows[i][j+1]+1, rows[i+1][j]+1)
		}
	}
	return rows
}
