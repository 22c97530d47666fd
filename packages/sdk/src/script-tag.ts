// The build for a `<script>` tag, which the Gangway server serves: that server is then the host.

import { ConnectSDK } from "./connect-sdk.ts";

const script = document.currentScript;
const host = script instanceof HTMLScriptElement ? new URL(script.src).origin : undefined;
const gangway = new ConnectSDK(host);
Object.assign(window, { gangway, paragon: gangway });
