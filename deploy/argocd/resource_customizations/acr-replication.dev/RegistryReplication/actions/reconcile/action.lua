-- The operator looks at once whenever this annotation has a new value, and counts repairs anew.
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["acr-replication.dev/requested-at"] = os.date("!%Y-%m-%dT%XZ")
return obj
