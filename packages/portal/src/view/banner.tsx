// What stands in an account's way: the reason, and what helps.

import { type ConnectedAccount, reasonOf } from "../model.ts";
import { useSay } from "../texts/index.ts";

interface BannerProps {
  account: ConnectedAccount;
  name: string;
  busy: boolean;
  onReconnect: () => void;
}

export function Banner({ account, name, busy, onReconnect }: BannerProps) {
  const say = useSay();
  const missing = account.missingScopes ?? [];
  const invalid = account.status === "INVALID";
  if (!invalid && missing.length === 0) return null;
  return (
    <section class={invalid ? "banner bad" : "banner"} aria-labelledby="banner-title">
      <h3 id="banner-title">{say(invalid ? "invalidTitle" : "permissionTitle")}</h3>
      {invalid ? (
        <p>
          {reasonOf(account) ?? say("invalidText", { name })} {say("invalidRemedy")}
        </p>
      ) : (
        <>
          <p>{say("permissionText")}</p>
          <ul>
            {missing.map((scope) => (
              <li>
                <code>{scope}</code>
              </li>
            ))}
          </ul>
          <p>{say("permissionRemedy")}</p>
        </>
      )}
      <button type="button" class="primary" disabled={busy} onClick={onReconnect}>
        {say("reconnect")}
      </button>
    </section>
  );
}
