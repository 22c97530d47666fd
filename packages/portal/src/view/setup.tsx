// The hosted page behind a Setup Link: everything that one person can connect, without any SDK.

import { useEffect, useState } from "preact/hooks";
import { Client } from "../client.ts";
import { Direct } from "../direct.ts";
import { useLoaded } from "../loaded.ts";
import { apply } from "../look.ts";
import { type PortalAnswer, type PortalIntegration, slugOf } from "../model.ts";
import { languageOf, Speech, sayIn, useSay } from "../texts/index.ts";
import { Head } from "./head.tsx";
import { Panel } from "./panel.tsx";

const PLAIN: PortalAnswer = { projectName: "", look: { theme: "system", texts: {} } };

/** The link's fragment: the project and the token, which no server is told by opening the page. */
function clientOf(fragment: string): Client | undefined {
  const [, projectId, token] = /^#([0-9a-f-]{36})\.(\S+)$/.exec(fragment) ?? [];
  return projectId && token ? new Client(projectId, token) : undefined;
}

export function Setup() {
  const [client] = useState(() => clientOf(window.location.hash));
  const [answer, setAnswer] = useState<PortalAnswer>();
  const [ended, setEnded] = useState(client === undefined);
  useEffect(() => {
    client?.portal(window.location.origin).then(setAnswer, () => setEnded(true));
  }, [client]);
  const look = (answer ?? PLAIN).look;
  const language = languageOf(look, navigator.languages);
  const say = sayIn(language, look);
  useEffect(() => {
    if (!answer) apply(look, undefined, language);
    document.title = say("setupTitle");
  }, [look, language]);
  return (
    <Speech.Provider value={say}>
      <main class="setup">
        {ended ? (
          <div class="card panel">
            <h1>{say("setupTitle")}</h1>
            <p class="problem" role="alert">
              {say("setupInvalid")}
            </p>
          </div>
        ) : client && answer ? (
          <Integrations client={client} answer={answer} />
        ) : (
          <p class="waiting" role="status">
            {say("loading")}
          </p>
        )}
      </main>
    </Speech.Provider>
  );
}

function Integrations({ client, answer }: { client: Client; answer: PortalAnswer }) {
  const say = useSay();
  const { loaded, problem, refresh } = useLoaded(client);
  const [bridge] = useState(() => new Direct(client));
  const [openId, open] = useState<string>();
  const language = languageOf(answer.look, navigator.languages);
  const integrations = loaded?.integrations.filter(({ isActive }) => isActive) ?? [];
  const accountsOf = (one: PortalIntegration) =>
    loaded?.me.integrations[slugOf(one)]?.allCredentials ?? [];
  const shown = integrations.find(({ id }) => id === openId);
  const accent = shown?.configs[0]?.values.accentColor;
  useEffect(() => apply(answer.look, accent, language), [answer, accent, language]);
  if (shown) {
    return (
      <div class="card">
        <Head integration={shown} look={answer.look} onBack={() => open(undefined)} />
        <Panel
          client={client}
          bridge={bridge}
          integration={shown}
          accounts={accountsOf(shown)}
          options={{}}
          several
          refresh={refresh}
        />
      </div>
    );
  }
  const project = answer.look.productName ?? answer.projectName;
  return (
    <>
      {answer.look.logoUrl && <img class="logo" src={answer.look.logoUrl} alt={project} />}
      <h1>{say("setupTitle")}</h1>
      <p class="lead">{say("setupText", { project })}</p>
      {problem && (
        <p class="problem" role="alert">
          {problem.message}
        </p>
      )}
      {loaded && integrations.length === 0 && <p>{say("noIntegrations")}</p>}
      <ul class="cards">
        {integrations.map((one) => {
          const connected = accountsOf(one).length > 0;
          return (
            <li class="card">
              <Head integration={one} look={{ ...answer.look, logoUrl: null }} />
              <button
                type="button"
                class={connected ? "" : "primary"}
                aria-label={`${say(connected ? "configure" : "connect")} ${one.name}`}
                onClick={() => open(one.id)}
              >
                {say(connected ? "configure" : "connect")}
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
