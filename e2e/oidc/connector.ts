// The operator's folder that makes the authorization server known to Gangway, at run time.

import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Writes the folder; the answer is the directory it lies in. */
export async function writeConnector(host: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "gangway-connectors-"));
  const folder = join(directory, "plainidentity");
  await mkdir(folder);
  await writeFile(join(folder, "connector.toml"), specification(host));
  await writeFile(join(folder, "README.md"), "# Plain Identity\n");
  await writeFile(
    join(folder, "icon.svg"),
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4"/></svg>\n',
  );
  return directory;
}

function specification(host: string): string {
  return `
name = "Plain Identity"
brand_color = "#335577"
description = "Who somebody is."
docs = "https://openid.net/specs/openid-connect-core-1_0.html"

[[account_types]]
id = "default"
scheme = "oauth"
description = "Sign in."

[[account_types]]
id = "user-configured-oauth"
scheme = "oauth"
description = "Sign in through an app of your own."
client = { id = "clientId", secret = "clientSecret" }

[[account_types.fields]]
id = "clientId"
label = "Client ID"
kind = "text"
required = true

[[account_types.fields]]
id = "clientSecret"
label = "Client secret"
kind = "password"
required = true

[oauth]
authorize_path = "/auth"
token_path = "/token"
issuer_path = ""
client_auth = "basic"
# A refresh token is given for offline access that was asked for and allowed.
authorize_parameters = { prompt = "consent" }
scopes_always = ["openid", "offline_access"]

[oauth.refresh]
rotates = true

[oauth.revocation]
path = "/token/revocation"

[verification]
url = "http://${host}/me"
id = "/sub"
name = "/name"
refused = "The sign-in is not accepted any more."

[profiles.public]
authorize_origin = "http://${host}"
token_origin = "http://${host}"

[proxy]
default_host = "${host}"
plain_http = true

[[scopes]]
id = "profile"
area = "Profile"
reason = "See the name."
default = true
`;
}
