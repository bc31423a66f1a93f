// Package en embeds the default English models: the voices for package tts and the recogniser for package asr. A program
// that imports it carries their megabytes and needs no other file; a program that loads its models with tts.Open and
// asr.Open does not.
//
// Voice and Recognizer load a model from the binary each time they are called: keep what they return, it may be shared by
// goroutines. Cards tells what the models are, whose, what they were made from and how good
// they are; how they were made is told in training/.
package en
