// Reads a Dockerfile as BuildKit does and prints what its linter has to say.
package main

import (
	"fmt"
	"os"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func main() {
	result, err := parser.Parse(os.Stdin)
	if err == nil {
		lint := linter.New(&linter.Config{Warn: func(rule, _, _, message string, at []parser.Range) {
			fmt.Printf("%d: %s: %s\n", at[0].Start.Line, rule, message)
		}})
		_, _, err = instructions.Parse(result.AST, lint)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
