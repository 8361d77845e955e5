{{/* What the operator may do where its objects are: in a ClusterRole, or in a Role of each namespace. */}}
{{- define "acr.rules" -}}
- apiGroups: [acr-replication.dev]
  resources: [registryreplications]
  verbs:
    - get # the object as it is now, before something is deleted in Azure for it
    - list # the first look, and after a lost watch
    - watch # every change since
    - patch # adds and removes the finalizer, nothing else
- apiGroups: [acr-replication.dev]
  resources: [registryreplications/status]
  verbs:
    - update # says what was observed
- apiGroups: [""]
  resources: [events]
  verbs:
    - create # tells in the object's namespace what changed, for kubectl describe
    {{- if .Values.map.enabled }}
    - list # shows the last of them on the map
    {{- end }}
{{- end -}}
