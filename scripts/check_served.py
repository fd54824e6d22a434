#!/usr/bin/env python3
"""Checks a running `latentcrs serve` with OpenAI's client, and evaluates its run over HTTP.

The users' words are those of evaluate/transcripts.jsonl. As long as a list is the recorded one, the simulated user would say what is
recorded, so equal lists in every turn are the evaluation itself; tests/serve/evaluation_test.cpp has the simulated users speak live.

    python3 scripts/check_served.py http://127.0.0.1:8080 outputs/tiny
"""
import argparse
import json
import pathlib
import urllib.request

import openai


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def check(holds, what):
    if not holds:
        raise SystemExit(f"check_served: {what}")


def raises(error, call):
    try:
        call()
    except error as raised:
        return raised
    raise SystemExit(f"check_served: no {error.__name__}")


def check_client(client):
    """Models, an answer whole and in a stream, and errors, as the client types them."""
    model = client.models.list().data[0].id
    check(client.models.retrieve(model).id == model, "the model is not found by its id")
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "I would like something new."}]
    whole = client.chat.completions.create(model=model, messages=messages, temperature=0)
    text = whole.choices[0].message.content
    check(whole.choices[0].finish_reason == "stop" and whole.usage.total_tokens > 0, "the answer is not complete")
    check(all(item["title"] in text for item in whole.items), "the text does not list the items")
    chunks = list(client.chat.completions.create(model=model, messages=messages, stream=True,
                                                 stream_options={"include_usage": True}))
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    check(streamed == text, "the stream differs from the whole answer")
    check(chunks[-1].usage.total_tokens == whole.usage.total_tokens, "the stream has no usage at its end")
    answers = client.chat.completions.with_raw_response.create(model=model, messages=messages)
    check(answers.parse().choices[0].message.content == text, "the raw answer differs")
    unknown = raises(openai.NotFoundError, lambda: client.chat.completions.create(model="none", messages=messages))
    check(unknown.code == "not_found", "the error has no code")
    raises(openai.BadRequestError, lambda: client.chat.completions.create(model=model, messages=[]))
    print(f"openai {openai.__version__}: models, answers, a stream and errors of {model}")
    return model


def by_session(url, model, history, turns):
    """The lists shown to the words of `turns`, by a session of the JSON interface."""
    session = ask(f"{url}/api/v1/sessions", {"run": model, "history": history, "seen": "as_configured", "reads_criticism": False})
    for turn in turns:
        answer = ask(f"{url}/api/v1/sessions/{session['id']}/say", {"text": turn["user"]})
        yield [item["id"] for item in answer["items"]]


def by_messages(client, model, history, turns):
    """The same by OpenAI's interface, where each request has all messages so far."""
    messages = []
    for turn in turns:
        messages.append({"role": "user", "content": turn["user"]})
        answer = client.chat.completions.create(
            model=model, messages=messages,
            extra_body={"history": history, "seen": "as_configured", "reads_criticism": False})
        messages.append({"role": "assistant", "content": answer.choices[0].message.content})
        yield [item["id"] for item in answer.items]


def success_turn(lists, dialogue):
    """The turn in which the target is shown; every list must be the recorded one."""
    for number, (shown, turn) in enumerate(zip(lists, dialogue["turns"]), start=1):
        check(shown == turn["shown"], f"{dialogue['customer_id']}, turn {number}: {shown} instead of {turn['shown']}")
        if dialogue["target"] in shown:
            return number
    return None


def evaluate(name, dialogues, figures, lists_of):
    found = [success_turn(lists_of(dialogue), dialogue) for dialogue in dialogues]
    rates = [sum(turn is not None and turn <= t for turn in found) / len(found)
             for t in range(1, len(figures["success_rate"]) + 1)]
    check(rates == figures["success_rate"], f"{name}: success rates {rates} instead of {figures['success_rate']}")
    print(f"{name}: {len(found)} dialogues, SR@1..{len(rates)} {' '.join(f'{rate:.4f}' for rate in rates)}, as in multi_turn.json")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("--token", default="none")
    options = parser.parse_args()
    client = openai.OpenAI(base_url=options.url + "/v1", api_key=options.token)
    model = check_client(client)
    evaluation = options.run / "evaluate"
    dialogues = [json.loads(line) for line in (evaluation / "transcripts.jsonl").read_text(encoding="utf-8").splitlines()]
    figures = json.loads((evaluation / "multi_turn.json").read_text(encoding="utf-8"))["all"]

    def history(dialogue):
        user = ask(f"{options.url}/api/v1/runs/{model}/users/{dialogue['customer_id']}")
        return [item["id"] for item in user["history"]]

    evaluate("sessions", dialogues, figures,
             lambda dialogue: by_session(options.url, model, history(dialogue), dialogue["turns"]))
    evaluate("OpenAI's messages", dialogues, figures,
             lambda dialogue: by_messages(client, model, history(dialogue), dialogue["turns"]))


if __name__ == "__main__":
    main()
