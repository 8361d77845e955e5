// The judges that GitOps tools put over an object.
//
//	health <health.lua>         one JSON object per line of stdin; per line of stdout what Flux and Argo CD say of it
//	health run <action.lua>     one JSON object per line of stdin; per line of stdout what the script makes of it in Argo CD
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
	switch {
	case len(os.Args) == 2:
		judge(os.Args[1])
	case len(os.Args) == 3 && os.Args[1] == "run":
		run(os.Args[2])
	default:
		fail(fmt.Errorf("usage: health [run] <script.lua>"))
	}
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
	each(file, func(object *unstructured.Unstructured, script string) any {
		return answer{Kstatus: flux(object), ArgoCD: argocd(object, script)}
	})
}

func run(file string) {
	each(file, func(object *unstructured.Unstructured, script string) any {
		encoded, err := returned(object, script)
		if err != nil {
			fail(err)
		}
		return json.RawMessage(encoded)
	})
}

func each(file string, answer func(*unstructured.Unstructured, string) any) {
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
		if err := out.Encode(answer(object, string(script))); err != nil {
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

// What Argo CD takes for the health of the object.
func argocd(object *unstructured.Unstructured, script string) opinion {
	encoded, err := returned(object, script)
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

// As Argo CD's util/lua runs the script of an argocd-cm with useOpenLibs off: of Lua's libraries there are only package, base
// and table, and of os the two functions that tell the time, and it has one second. JSON of what the script returns.
func returned(object *unstructured.Unstructured, script string) ([]byte, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage,
		lua.BaseLibName: lua.OpenBase,
		lua.TabLibName:  lua.OpenTable,
		lua.OsLibName:   lua.OpenOs,
	} {
		call := lua.P{Fn: state.NewFunction(open), Protect: true}
		if err := state.CallByParam(call, lua.LString(name)); err != nil {
			return nil, err
		}
	}
	all := state.GetGlobal(lua.OsLibName)
	safe := state.NewTable()
	for _, name := range []string{"time", "date"} {
		safe.RawSetString(name, state.GetField(all, name))
	}
	state.SetGlobal(lua.OsLibName, safe)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	state.SetContext(ctx)
	state.SetGlobal("obj", toLua(state, object.Object))
	if err := state.DoString(script); err != nil {
		return nil, err
	}
	return luajson.Encode(state.Get(-1))
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
