"""Measure `newsarchive images`: images a second, CPU time and memory, with all images new and with none new.

    python benchmarks/images.py [--images 20000] [--work FOLDER]

A server on loopback, in a process of its own, answers at once for sixteen hosts. So this measures the program without
delays between requests and without the network. The images are JPEGs of three sizes, no two of them equal.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web
from PIL import Image, ImageDraw, ImageFilter

HOSTS = 16
EACH = 5  # images an article shows
SIZES = ((640, 427), (1080, 720), (1920, 1280))
MADE = 60  # images drawn; the others are these with another comment in them


def draw(number: int) -> bytes:
    """Return image `number` as a JPEG: soft shapes and some noise, which take a decoder as long as photographs."""
    chosen = random.Random(number)
    width, height = SIZES[number % len(SIZES)]
    image = Image.new("RGB", (width, height), (chosen.randrange(256), chosen.randrange(256), chosen.randrange(256)))
    canvas = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, r = chosen.randrange(width), chosen.randrange(height), chosen.randrange(10, width // 4)
        fill = (chosen.randrange(256), chosen.randrange(256), chosen.randrange(256))
        canvas.ellipse((x - r, y - r, x + r, y + r), fill=fill)
    grain = Image.effect_noise((width, height), 12).convert("RGB")
    out = io.BytesIO()
    Image.blend(image.filter(ImageFilter.GaussianBlur(2)), grain, 0.15).save(out, "JPEG", quality=82)
    return out.getvalue()


def serve(door: Connection) -> None:
    """Serve images by number until the process is killed."""
    made = [draw(number) for number in range(MADE)]

    async def image(request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        data = made[number % MADE]
        comment = b"\xff\xfe" + struct.pack(">HQ", 10, number)
        return web.Response(body=data[:2] + comment + data[2:], content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/{number}.jpg", image)
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    door.send(listening.getsockname()[1])
    web.run_app(app, sock=listening, print=None, access_log=None)


def write_articles(content: Path, images: int) -> None:
    """Write articles that show the images."""
    content.mkdir(parents=True, exist_ok=True)
    for article in range(0, images, EACH):
        shown = "".join(
            f"<p>这是第 {number} 段，说的是第 {number * 7} 件事，与别处都不一样。</p>"
            f'<img src="https://img{number % HOSTS}.pictures.example/{number}.jpg">'
            for number in range(article, min(article + EACH, images))
        )
        front = f"---\ntitle: '第 {article} 篇'\ncategories:\n - 财经\n - 晨报{article % 50}\ndate: 2021-10-10\n---\n\n"
        (content / f"{article:06}.md").write_text(f"{front}<div>{shown}</div>\n", "utf-8")


def run(name: str, command: Sequence[str]) -> None:
    """Run a command, and print what it cost."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    said = process.stdout.read().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    print(
        f"{name}: {wall:.1f} s, CPU {usage.ru_utime + usage.ru_stime:.1f} s, {usage.ru_maxrss / 1024:.0f} MiB,"
        f" exit {os.waitstatus_to_exitcode(status)}; {'; '.join(said[:3])}",
        flush=True,
    )


def main() -> None:
    """Fetch all images, then none, then report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--work", type=Path, help="(default: a temporary folder, which is deleted afterwards)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        content = (given.work or Path(temporary)) / "content"
        write_articles(content, given.images)
        here, there = multiprocessing.Pipe()
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
        server.start()
        port = here.recv()
        command = [
            sys.executable,
            "-m",
            "newsarchive",
            "images",
            str(content),
            "--delay",
            "0",
            "--max-total",
            "100G",
        ]
        command += ["--resolve", f"*.pictures.example=127.0.0.1:{port}"]
        try:
            run("all of them", command)
            run("nothing to fetch", command)
            run("report", [*command, "--report"])
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
