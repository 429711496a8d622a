// Shows on the start page what /ready says.
"use strict";

const state = document.getElementById("state");

async function showState() {
  try {
    const answer = await fetch("/ready", { cache: "no-store" });
    const { checks } = await answer.json();
    const failed = Object.keys(checks).filter((name) => checks[name] !== "ok");
    if (answer.ok) state.textContent = "The server is ready.";
    else if (failed.length > 0) state.textContent = `The server is not ready: ${failed.join(", ")}.`;
    else state.textContent = "The server is shutting down.";
  } catch {
    state.textContent = "The server does not answer.";
  }
}

showState();
