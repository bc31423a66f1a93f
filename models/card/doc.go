// Package card says in one form what a model is, whose it is, what it was made from and how good it is. The models that are part of
// Parley carry a card in JSON beside their weights (en.Cards, vad.Card); models.Model.Card makes one of an entry of the catalogue.
// 'parley models info' prints them.
//
// Reading order: card.go (the form, parsing), lines.go (for people).
package card
