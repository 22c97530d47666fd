// The portal over the host's page: one integration in a dialog.

import { useEffect, useRef } from "preact/hooks";
import type { Shown } from "../frame.ts";
import { useLoaded } from "../loaded.ts";
import { apply } from "../look.ts";
import { slugOf } from "../model.ts";
import { languageOf, Speech, sayIn } from "../texts/index.ts";
import { Head } from "./head.tsx";
import { Panel } from "./panel.tsx";

export function Dialog({ client, bridge, answer, state, context }: Shown) {
  const { user } = context;
  const told = JSON.stringify(user.authenticated && user.integrations);
  const { loaded, problem, refresh } = useLoaded(client, told);
  const dialog = useRef<HTMLDialogElement>(null);
  const language = languageOf(answer.look, navigator.languages);
  const say = sayIn(language, answer.look);
  const integration = loaded?.integrations.find(({ id }) => id === state.integration?.id);
  const accent = integration?.configs[0]?.values.accentColor;
  useEffect(() => {
    apply(answer.look, accent, language);
  }, [answer, accent, language]);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  const close = () => bridge.close?.();
  const options = state.apiInstallationOptions ?? {};
  const accounts = integration && loaded?.me.integrations[slugOf(integration)]?.allCredentials;
  const { isApiInstallation: _, showPortalAfterInstall: __, ...install } = options;
  return (
    <Speech.Provider value={say}>
      <dialog
        ref={dialog}
        class="dialog"
        aria-labelledby="portal-title"
        onCancel={(event) => {
          event.preventDefault();
          close();
        }}
      >
        <Head
          integration={integration}
          look={answer.look}
          onClose={state.hideCross ? undefined : close}
        />
        {problem && (
          <div class="panel">
            <p class="problem" role="alert">
              {problem.message}
            </p>
            <button type="button" onClick={refresh}>
              {say("tryAgain")}
            </button>
          </div>
        )}
        {!loaded && !problem && (
          <p class="panel waiting" role="status">
            <span class="spinner" aria-hidden="true" />
            {say("loading")}
          </p>
        )}
        {integration && accounts && (
          <Panel
            key={integration.id}
            client={client}
            bridge={bridge}
            integration={integration}
            accounts={accounts}
            options={install}
            several={options.allowMultipleCredentials === true || accounts.length > 1}
            selectedId={state.selectedCredentialId}
            mapObjectFields={context.endUserIntegrationConfig?.mapObjectFields}
            completed={{
              shared: state.config?.sharedMeta?.inputs,
              workflows: state.config?.workflowMeta ?? {},
            }}
            refresh={refresh}
          />
        )}
      </dialog>
    </Speech.Provider>
  );
}
