-- Left out, as in a manifest that says nothing of it: then nothing differs from Git.
obj.spec.suspend = nil
return obj
