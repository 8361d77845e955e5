local hs = {}

local ready = nil
local reconciling = nil
local stalled = nil
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == "Ready" then
      ready = condition
    elseif condition.type == "Reconciling" and condition.status == "True" then
      reconciling = condition
    elseif condition.type == "Stalled" and condition.status == "True" then
      stalled = condition
    end
  end
end

local function says(condition)
  return (condition.reason or "Unknown") .. ": " .. (condition.message or "")
end

-- Replicas in Azure are deleted before the object goes, which takes minutes, and can be refused.
if obj.metadata.deletionTimestamp ~= nil then
  hs.status = "Progressing"
  hs.message = "Pending deletion"
  if obj.metadata.finalizers ~= nil and #obj.metadata.finalizers > 0 then
    hs.message = "Pending deletion; blocked by finalizers: " .. table.concat(obj.metadata.finalizers, ", ")
  end
  if obj.status ~= nil and obj.status.observedGeneration == obj.metadata.generation then
    if stalled ~= nil then
      hs.status = "Degraded"
      hs.message = hs.message .. "; " .. says(stalled)
    elseif reconciling ~= nil then
      hs.message = hs.message .. "; " .. says(reconciling)
    end
  end
  return hs
end

if obj.spec ~= nil and obj.spec.suspend == true then
  hs.status = "Suspended"
  hs.message = obj.kind .. " is suspended"
  return hs
end

-- Also of an object that no operator has seen yet: its observedGeneration is -1.
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  hs.status = "Progressing"
  hs.message = "Waiting for the operator to look at the newest spec"
  return hs
end

if stalled ~= nil then
  hs.status = "Degraded"
  hs.message = says(stalled)
  return hs
end

if reconciling ~= nil then
  hs.status = "Progressing"
  hs.message = says(reconciling)
  return hs
end

if ready ~= nil and ready.observedGeneration == obj.metadata.generation then
  if ready.status == "True" then
    hs.status = "Healthy"
    hs.message = ready.message or ""
    return hs
  end
  -- Mode Observe: there is a plan, and nothing happens until somebody decides.
  if ready.reason == "PlanPending" then
    hs.status = "Suspended"
    hs.message = says(ready)
    return hs
  end
end

hs.status = "Progressing"
hs.message = "Waiting for the operator"
if ready ~= nil then
  hs.message = says(ready)
end
return hs
