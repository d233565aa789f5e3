"""A page as people get it: in a browser's window, and on paper. Pictures are read as grey values, without a library."""

import re
import subprocess

CHROMIUM = "chromium"
A4 = "594.96 x 841.92 pts (A4)"


def chromium(folder, page, *arguments):
    """Everything it would like to write goes into the folder of the test. Root has no sandbox; the page is ours."""
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
               f"--user-data-dir={folder}/profile", "--hide-scrollbars", "--no-pdf-header-footer", *arguments,
               page.as_uri()]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TMPDIR": str(folder)}
    return subprocess.run(command, capture_output=True, timeout=100, env=environment, check=True)


def screenshot(folder, page, width=800, height=1140):
    picture = page.with_suffix(".png")
    chromium(folder, page, f"--screenshot={picture}", f"--window-size={width},{height}")
    return picture


def printed(folder, page):
    paper = page.with_suffix(".pdf")
    chromium(folder, page, f"--print-to-pdf={paper}")
    return paper


def paper_facts(paper):
    """(pages, size of the page) as pdfinfo has them."""
    shown = subprocess.run(["pdfinfo", str(paper)], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"^Pages: +(\d+)", shown, re.M)[1]), re.search(r"^Page size: +(.*)$", shown, re.M)[1]


def words(paper):
    return subprocess.run(["pdftotext", "-layout", str(paper), "-"], capture_output=True, text=True, check=True).stdout


def in_grey(paper, dpi=110):
    """The first page on a printer without colours: (width, height, grey values, file)."""
    subprocess.run(["pdftoppm", "-gray", "-r", str(dpi), "-f", "1", "-l", "1", "-singlefile", str(paper),
                    str(paper.with_suffix(""))], check=True)
    file = paper.with_suffix(".pgm")
    head, raw = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", file.read_bytes()), file.read_bytes()
    return int(head[1]), int(head[2]), raw[head.end():], file


def qr_codes(picture):
    done = subprocess.run(["zbarimg", "--quiet", "--raw", str(picture)], capture_output=True, text=True)
    return done.stdout.split()
