/** The form that starts a job: its variables and the parameters of its tasks, empty where nothing is to change. */

import { go, pathOf } from "../address.js";
import { change, useAnswer } from "../api.js";
import { html, useState } from "../html.js";
import { Loading } from "../loading.js";
import { say } from "../notices.js";
import { PlanDialog } from "../plan_dialog.js";
import { SchemaField, valueOf } from "./schema_field.js";

/** What was entered as `{ variables, parameters }`, with what cannot be read by name. */
function read(entered, answer) {
  const given = { variables: {}, parameters: {} };
  const wrong = {};
  const take = (place, schema, whole, keep) => {
    if (!entered[place]) return;
    try {
      keep(valueOf(schema, whole, entered[place]));
    } catch (error) {
      wrong[place] = error.message;
    }
  };
  for (const [name] of Object.entries(answer.variables.properties ?? {})) if (entered[`vars.${name}`]) given.variables[name] = entered[`vars.${name}`];
  for (const task of answer.tasks) {
    for (const [name, schema] of Object.entries(task.parameters?.properties ?? {})) {
      take(`${task.name}.${name}`, schema, task.parameters, (value) => ((given.parameters[task.name] ??= {})[name] = value));
    }
  }
  for (const name of answer.variables.required ?? []) {
    if (!entered[`vars.${name}`] && answer.variables.properties[name]?.default === undefined) wrong[`vars.${name}`] = "is needed";
  }
  return { given, wrong };
}

function Fields({ schema, given = {}, prefix, entered, wrong, onEnter }) {
  return html`<div class="fields">${Object.entries(schema.properties ?? {}).map(([name, one]) => {
    const place = `${prefix}.${name}`;
    return html`<${SchemaField} key=${place} name=${name} schema=${one} whole=${schema} given=${given[name]} text=${entered[place]} wrong=${wrong[place]}
      isRequired=${schema.required?.includes(name)} onText=${(text) => onEnter(place, text)} />`;
  })}</div>`;
}

export function StartForm({ job }) {
  const { answer, problem, again } = useAnswer(`/jobs/${encodeURIComponent(job)}/schema`);
  const [entered, setEntered] = useState({});
  const [wrong, setWrong] = useState({});
  const [plan, setPlan] = useState(null);
  const [failed, setFailed] = useState(null);
  if (!answer) return html`<${Loading} problem=${problem} again=${again} />`;
  const onEnter = (place, text) => setEntered((before) => ({ ...before, [place]: text }));
  const path = `/jobs/${encodeURIComponent(job)}`;
  const ask = async (event) => {
    event.preventDefault();
    const { given, wrong: mistakes } = read(entered, answer);
    setWrong(mistakes);
    setFailed(null);
    if (Object.keys(mistakes).length) return;
    try {
      setPlan({ body: given, ...(await change(`${path}/plan`, given)) });
    } catch (error) {
      setFailed(error);
    }
  };
  const start = async () => {
    const { run } = await change(`${path}/runs`, plan.body, crypto.randomUUID?.() ?? String(Math.random()));
    say(run ? `Run ${run} has started.` : "The run has started.");
    go(run ? pathOf("runs", run) : "/runs");
  };
  const withParameters = answer.tasks.filter((task) => Object.keys(task.parameters?.properties ?? {}).length);
  return html`<form class="stack" onSubmit=${ask}>
    ${failed && html`<div class="notice failed" role="alert"><div><p class="strong">${failed.message}</p>${failed.problems.map((one) => html`<p>${one.file}:${one.line} ${one.message}</p>`)}</div></div>`}
    ${Object.keys(answer.variables.properties ?? {}).length > 0 && html`<section class="panel"><header><h2>Variables</h2></header><div class="body"><${Fields} schema=${answer.variables} prefix="vars" entered=${entered} wrong=${wrong} onEnter=${onEnter} /></div></section>`}
    ${answer.tasks.length > 0 && html`<section class="panel"><header><h2>Parameters</h2><span class="soft">What is left empty stays as the job file has it.</span></header>
      <div>${withParameters.length ? withParameters.map((task) => html`<details key=${task.name} class="task-fields" open=${withParameters.length <= 2}><summary><span class="strong">${task.name}</span> <span class="soft">${task.description || task.task}</span></summary>
        <${Fields} schema=${task.parameters} given=${task.given} prefix=${task.name} entered=${entered} wrong=${wrong} onEnter=${onEnter} /></details>`) : html`<p class="nothing">No task of this job has parameters.</p>`}</div></section>`}
    <div class="buttons"><button class="button main">Show the plan…</button><span class="soft">Nothing starts before you have seen what will run.</span></div>
    ${plan && html`<${PlanDialog} title=${`Start ${job}`} plan=${plan} says="Start" act=${start} onClose=${() => setPlan(null)} />`}</form>`;
}
