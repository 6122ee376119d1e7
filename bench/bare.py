"""The floor: the least that a Flask page and a stored row cost on this machine."""

import os
import threading

import psycopg
from flask import Flask, Response, jsonify, request

app = Flask(__name__)
kept = threading.local()


@app.get("/page")
def page() -> Response:
    return Response("<!doctype html><title>Bare</title><h1>Bare</h1>", mimetype="text/html")


@app.post("/insert")
def insert() -> Response:
    """One row, one commit, one connection a thread; nothing else."""
    sent = request.get_json()
    if not hasattr(kept, "connection"):
        kept.connection = psycopg.connect(os.environ["BENCH_DATABASE_URL"], autocommit=True)
    kept.connection.execute(
        "INSERT INTO bare (uuid, hash, answers) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (sent["uuid"], sent["hash"], str(sent["answers"])),
    )
    return jsonify(ack=sent["uuid"])
