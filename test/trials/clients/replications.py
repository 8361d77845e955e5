"""The life of a replica with the Azure SDK for Python. Prints what each step got, as one JSON object."""

import json
import os
import time

import msal
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.mgmt.containerregistry import ContainerRegistryManagementClient

url, group, scope = os.environ["AZURE_URL"], "registries", os.environ["AZURE_URL"] + "/.default"


class Credential:
    app = msal.ConfidentialClientApplication(
        os.environ["AZURE_CLIENT_ID"],
        client_credential=os.environ["AZURE_CLIENT_SECRET"],
        authority=f"{url}/{os.environ['AZURE_TENANT_ID']}",
        instance_discovery=False,
    )

    def get_token(self, *scopes, **_):
        token = self.app.acquire_token_for_client(list(scopes))
        return AccessToken(token["access_token"], int(time.time()) + token["expires_in"])


def refusal(registry, location):
    try:
        api.begin_create(group, registry, location, {"location": location}).result()
    except HttpResponseError as error:
        return [error.status_code, error.error.code]
    return "none"


client = ContainerRegistryManagementClient(
    Credential(), os.environ["AZURE_SUBSCRIPTION_ID"], base_url=url, credential_scopes=[scope]
)
api = client.replications
created = api.begin_create(group, "contoso", "japaneast", {"location": "Japan East"}).result()
listed = sorted(r.name for r in api.list(group, "contoso"))
updated = api.begin_update(group, "contoso", "japaneast", {"tags": {"team": "web"}}).result()
got = api.get(group, "contoso", "japaneast")
api.begin_delete(group, "contoso", "japaneast").result()
print(
    json.dumps(
        {
            "created": [created.name, created.location, created.provisioning_state, created.status.display_status],
            "listed": listed,
            "updated": updated.tags,
            "got": [got.tags, got.properties.region_endpoint_enabled],
            "left": [r.name for r in api.list(group, "contoso")],
            "home": refusal("contoso", "eastus"),
            "basic": refusal("basic", "japaneast"),
            "atlantis": refusal("contoso", "atlantis"),
            "registry": refusal("nosuch", "japaneast"),
        }
    )
)
