local suspended = obj.spec ~= nil and obj.spec.suspend == true
local deleting = obj.metadata.deletionTimestamp ~= nil

local actions = {}
-- What is suspended is not looked at, unless it is being deleted.
actions["reconcile"] = {
  ["disabled"] = suspended and not deleting,
  ["displayName"] = "Look now",
  ["iconClass"] = "fa fa-fw fa-sync",
}
actions["suspend"] = {["disabled"] = suspended, ["iconClass"] = "fa fa-fw fa-pause"}
actions["resume"] = {["disabled"] = not suspended, ["iconClass"] = "fa fa-fw fa-play"}
return actions
