#include "qr.h"

#define BLACK_ON_WHITE "\x1b[38;5;16;48;5;231m"
#define NO_COLOURS     "\x1b[0m"

void qr_write_terminal(const struct qr *qr, struct sink *sink)
{
    /* Dark is the ink, so that the picture is right on paper-like terminals even where the colours are stripped. */
    static const char *const blocks[] = {" ", "\xe2\x96\x80", "\xe2\x96\x84", "\xe2\x96\x88"};
    unsigned side = qr_side(qr);

    for (unsigned y = 0; y < side; y += 2) {
        sink_text(sink, BLACK_ON_WHITE);
        for (unsigned x = 0; x < side; x++)
            sink_text(sink, blocks[(qr_is_dark(qr, x, y) ? 1 : 0) + (qr_is_dark(qr, x, y + 1) ? 2 : 0)]);
        sink_text(sink, NO_COLOURS "\n");
    }
}

/* Each run of dark modules in a row is a box of the path. */
void qr_write_path(const struct qr *qr, struct sink *sink)
{
    unsigned side = qr_side(qr);

    for (unsigned y = 0; y < side; y++) {
        for (unsigned x = 0; x < side; x++) {
            unsigned run = 0;
            while (qr_is_dark(qr, x + run, y))
                run++;
            if (run == 0)
                continue;
            sink_text(sink, "M");
            sink_number(sink, x);
            sink_text(sink, " ");
            sink_number(sink, y);
            sink_text(sink, "h");
            sink_number(sink, run);
            sink_text(sink, "v1h-");
            sink_number(sink, run);
            sink_text(sink, "z");
            x += run;
        }
    }
}

void qr_write_svg(const struct qr *qr, struct sink *sink)
{
    unsigned side = qr_side(qr);

    sink_text(sink, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" viewBox=\"0 0 ");
    sink_number(sink, side);
    sink_text(sink, " ");
    sink_number(sink, side);
    sink_text(sink, "\" width=\"");
    sink_number(sink, side);
    sink_text(sink, "mm\" height=\"");
    sink_number(sink, side);
    sink_text(sink, "mm\" shape-rendering=\"crispEdges\">\n"
                    "<path fill=\"#ffffff\" d=\"M0 0h");
    sink_number(sink, side);
    sink_text(sink, "v");
    sink_number(sink, side);
    sink_text(sink, "h-");
    sink_number(sink, side);
    sink_text(sink, "z\"/>\n<path fill=\"#000000\" d=\"");
    qr_write_path(qr, sink);
    sink_text(sink, "\"/>\n</svg>\n");
}
