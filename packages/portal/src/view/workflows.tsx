// The switches of workflows, each with its own settings.

import type { Settings } from "@gangway/connect";
import { useState } from "preact/hooks";
import { Form } from "../form.tsx";
import { blank, type Input, slugOf, type Workflow } from "../model.ts";
import { useSay } from "../texts/index.ts";
import { messageOf, useWork } from "../work.ts";

interface WorkflowsProps {
  workflows: Workflow[];
  settings: Record<string, { enabled: boolean; settings: Settings }>;
  shared: Settings;
  sharedInputs: Input[];
  inputsOf: (workflow: Workflow) => Input[];
  onChanged: () => Promise<void>;
}

export function Workflows(props: WorkflowsProps) {
  const say = useSay();
  return (
    <section aria-labelledby="workflows-title">
      <h3 id="workflows-title">{say("workflows")}</h3>
      <ul class="workflows">
        {props.workflows.map((workflow) => (
          <Row key={workflow.id} workflow={workflow} {...props} />
        ))}
      </ul>
    </section>
  );
}

function Row(props: WorkflowsProps & { workflow: Workflow }) {
  const { workflow, settings, shared, sharedInputs, inputsOf, onChanged } = props;
  const { bridge, integration, credentialId, configurationId } = useWork();
  const say = useSay();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const account = { credentialId, configurationId };
  const own = settings[workflow.id];
  const on = own?.enabled ?? false;
  const inputs = inputsOf(workflow);
  const panel = `workflow-${workflow.id}`;
  const { description, infoText } = workflow.meta;

  const turn = async (wanted: boolean, values: Settings) => {
    const missing =
      inputs.find((input) => blank(input, values)) ??
      sharedInputs.find((input) => blank(input, shared));
    setProblem(undefined);
    if (wanted && missing) {
      setOpen(true);
      setProblem(say("fillIn", { title: missing.title }));
      return;
    }
    setBusy(true);
    try {
      await bridge.switchWorkflow(workflow.id, wanted, account);
    } catch (error) {
      setProblem(messageOf(error, say));
    }
    await onChanged();
    setBusy(false);
  };
  const save = async (values: Settings) => {
    await bridge.saveWorkflowSettings(slugOf(integration), workflow.id, values, account);
    setProblem(undefined);
    await onChanged();
  };
  return (
    <li class="workflow">
      <div class="workflow-head">
        <label class="switch-row">
          <input
            type="checkbox"
            // biome-ignore lint/a11y/useAriaPropsForRole: a checkbox tells its state by itself.
            role="switch"
            class="switch"
            checked={on}
            disabled={busy}
            onClick={(event) => {
              // It shows what is stored, not what was clicked.
              event.preventDefault();
              void turn(!on, own?.settings ?? {});
            }}
          />
          <span class="workflow-name">{workflow.name}</span>
        </label>
        {inputs.length > 0 && (
          <button
            type="button"
            class="quiet"
            aria-expanded={open}
            aria-controls={panel}
            aria-label={say("workflowSettings", { name: workflow.name })}
            onClick={() => setOpen(!open)}
          >
            {say("settings")}
          </button>
        )}
      </div>
      {description && <p class="hint">{description}</p>}
      {infoText && <p class="hint">{infoText}</p>}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {inputs.length > 0 && (
        <div id={panel} class="workflow-settings" hidden={!open}>
          <Form
            label={say("workflowSettings", { name: workflow.name })}
            inputs={inputs}
            values={own?.settings ?? {}}
            around={shared}
            submit={say("save")}
            onSubmit={save}
            saves
          />
        </div>
      )}
    </li>
  );
}
