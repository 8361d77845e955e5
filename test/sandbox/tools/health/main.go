// The judges that GitOps tools put over an object.
//
//	health <health.lua>    one JSON object per line of stdin; per line of stdout what Flux and Argo CD say of it
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	luajson "layeh.com/gopher-json"
)

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: health <health.lua>"))
	}
	judge(os.Args[1])
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}

type opinion struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

type answer struct {
	Kstatus opinion `json:"kstatus"`
	ArgoCD  opinion `json:"argocd"`
}

func judge(file string) {
	script, err := os.ReadFile(file)
	if err != nil {
		fail(err)
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(line); err != nil {
			fail(err)
		}
		if err := out.Encode(answer{Kstatus: flux(object), ArgoCD: argocd(object, string(script))}); err != nil {
			fail(err)
		}
	}
}

// What `wait: true` and `healthChecks` of a Flux Kustomization go by.
func flux(object *unstructured.Unstructured) opinion {
	result, err := status.Compute(object)
	if err != nil {
		return opinion{"Error", err.Error()}
	}
	return opinion{result.Status.String(), result.Message}
}

// As Argo CD's util/lua runs the script of an argocd-cm with useOpenLibs off: of Lua's libraries there are only package,
// base and table (and two functions of os, which are left out here), and it has one second.
func argocd(object *unstructured.Unstructured, script string) opinion {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage,
		lua.BaseLibName: lua.OpenBase,
		lua.TabLibName:  lua.OpenTable,
	} {
		call := lua.P{Fn: state.NewFunction(open), Protect: true}
		if err := state.CallByParam(call, lua.LString(name)); err != nil {
			return opinion{"Error", err.Error()}
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	state.SetContext(ctx)
	state.SetGlobal("obj", toLua(state, object.Object))
	if err := state.DoString(script); err != nil {
		return opinion{"Error", err.Error()}
	}
	encoded, err := luajson.Encode(state.Get(-1))
	if err != nil {
		return opinion{"Error", err.Error()}
	}
	var said opinion
	if err := json.Unmarshal(encoded, &said); err != nil {
		return opinion{"Error", err.Error()}
	}
	switch said.Status {
	case "Unknown", "Progressing", "Suspended", "Healthy", "Degraded", "Missing":
		return said
	}
	return opinion{"Error", "Lua returned an invalid health status: " + said.Status}
}

// Whole numbers are int64 in Argo CD too.
func toLua(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case bool:
		return lua.LBool(value)
	case float64:
		return lua.LNumber(value)
	case int64:
		return lua.LNumber(value)
	case string:
		return lua.LString(value)
	case []any:
		list := state.CreateTable(len(value), 0)
		for _, item := range value {
			list.Append(toLua(state, item))
		}
		return list
	case map[string]any:
		table := state.CreateTable(0, len(value))
		for key, item := range value {
			table.RawSetString(key, toLua(state, item))
		}
		return table
	}
	return lua.LNil
}
