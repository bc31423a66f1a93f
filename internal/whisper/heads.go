package whisper

import "github.com/parley-go/parley/transformer"

// shape tells OpenAI's models apart.
type shape struct{ encoderLayers, decoderLayers, vocab int }

// publishedHeads are the heads whose cross attention follows the sound, as OpenAI published them for its models: layer, head. Of the
// two models of one shape, large and large-v2, they are the later one's.
var publishedHeads = map[shape][][2]int{
	{4, 4, 51864}: {{1, 0}, {2, 0}, {2, 5}, {3, 0}, {3, 1}, {3, 2}, {3, 3}, {3, 4}}, // tiny.en
	{4, 4, 51865}: {{2, 2}, {3, 0}, {3, 2}, {3, 3}, {3, 4}, {3, 5}},                 // tiny
	{6, 6, 51864}: {{3, 3}, {4, 7}, {5, 1}, {5, 5}, {5, 7}},                         // base.en
	{6, 6, 51865}: {{3, 1}, {4, 2}, {4, 3}, {4, 7}, {5, 1}, {5, 2}, {5, 4}, {5, 6}}, // base
	{12, 12, 51864}: {{6, 6}, {7, 0}, {7, 3}, {7, 8}, {8, 2}, {8, 5}, {8, 7}, {9, 0}, {9, 4}, {9, 8}, {9, 10}, {10, 0}, {10, 1}, {10, 2},
		{10, 3}, {10, 6}, {10, 11}, {11, 2}, {11, 4}}, // small.en
	{12, 12, 51865}: {{5, 3}, {5, 9}, {8, 0}, {8, 4}, {8, 7}, {8, 8}, {9, 0}, {9, 7}, {9, 9}, {10, 5}}, // small
	{24, 24, 51864}: {{11, 4}, {14, 1}, {14, 12}, {14, 14}, {15, 4}, {16, 0}, {16, 4}, {16, 9}, {17, 12}, {17, 14}, {18, 7}, {18, 10},
		{18, 15}, {20, 0}, {20, 3}, {20, 9}, {20, 14}, {21, 12}}, // medium.en
	{24, 24, 51865}: {{13, 15}, {15, 4}, {15, 15}, {16, 1}, {20, 0}, {23, 4}}, // medium
	{32, 32, 51865}: {{10, 12}, {13, 17}, {16, 11}, {16, 12}, {16, 13}, {17, 15}, {17, 16}, {18, 4}, {18, 11}, {18, 19}, {19, 11}, {21, 2},
		{21, 3}, {22, 3}, {22, 9}, {22, 12}, {23, 5}, {23, 7}, {23, 13}, {25, 5}, {26, 1}, {26, 12}, {27, 15}}, // large-v2
	{32, 32, 51866}: {{7, 0}, {10, 17}, {12, 18}, {13, 12}, {16, 1}, {17, 14}, {19, 11}, {21, 4}, {24, 1}, {25, 6}}, // large-v3
	{32, 4, 51866}:  {{2, 4}, {2, 11}, {3, 3}, {3, 6}, {3, 11}, {3, 14}},                                            // large-v3-turbo
}

// alignmentHeads returns the heads that the model's files name, else the published ones, else all of the later half of the layers.
func alignmentHeads(c *Config) []transformer.CrossHead {
	pairs := c.Generation.AlignmentHeads
	if len(pairs) == 0 {
		pairs = publishedHeads[shape{c.EncoderLayers, c.DecoderLayers, c.Vocab}]
	}
	var heads []transformer.CrossHead
	for _, p := range pairs {
		if p[0] < c.DecoderLayers && p[1] < c.DecoderHeads {
			heads = append(heads, transformer.CrossHead{Layer: p[0], Head: p[1]})
		}
	}
	if len(heads) > 0 {
		return heads
	}
	for l := c.DecoderLayers / 2; l < c.DecoderLayers; l++ {
		for h := range c.DecoderHeads {
			heads = append(heads, transformer.CrossHead{Layer: l, Head: h})
		}
	}
	return heads
}
