#include "sheet_pictures.h"

/* Classes, from the sheet's style: l line, w line around white, k black, g grey, c characters. */

static const char phone_app[] = "<rect class=w x=53 y=3 width=54 height=94 rx=9 />"
                                "<path class=l d=\"M73 10h14\"/>"
                                "<rect class=g x=59 y=17 width=42 height=67 rx=2 />"
                                "<path class=l d=\"M74 91h12\"/>"
                                "<rect class=k x=67 y=24 width=26 height=26 rx=6 />"
                                "<rect class=b x=73 y=36 width=14 height=10 rx=2 />"
                                "<path class=o d=\"M75.500 36v-3.500a4.500 4.500 0 0 1 9 0v3.500\"/>"
                                "<path class=l d=\"M80 56v14m-7-6.500 7 7 7-7M68 77h24\"/>";

static const char paper_and_phone[] =
    "<path class=w d=\"M8 8h58v84H8z\"/>"
    "<path class=t d=\"M15 17h30M15 24h40M15 79h40M15 86h26\"/>"
    "<path class=k d=\"M16 32h12v12H16zm22 0h12v12H38zm-22 22h12v12H16z\"/>"
    "<path class=b d=\"M18.500 34.500h7v7h-7zm22 0h7v7h-7zm-22 22h7v7h-7z\"/>"
    "<path class=k d=\"M20.500 36.500h3v3h-3zm22 0h3v3h-3zm-22 22h3v3h-3zM31 32h4v4h-4zm0 8h4v8h-4zm5 7h5v4h-5zm8 "
    "0h6v3h-6zm"
    "-13 5h3v5h-3zm6 2h5v5h-5zm9 0h4v6h-4zm-6 7h5v5h-5zm-9 1h4v4h-4z\"/>"
    "<path class=d d=\"M107 30 53 31M107 70 53 67\"/>"
    "<rect class=w x=102 y=3 width=54 height=94 rx=9 />"
    "<path class=l d=\"M122 10h14\"/>"
    "<rect class=g x=108 y=17 width=42 height=67 rx=2 />"
    "<path class=l d=\"M123 91h12\"/>"
    "<path class=l d=\"M113 41v-8h8M137 33h8v8M145 59v8h-8M121 67h-8v-8\"/>"
    "<path class=k d=\"M119 39h7v7h-7zm13 0h7v7h-7zm-13 14h7v7h-7zm10-14h2v4h-2zm3 10h3v3h-3zm4 4h3v3h-3zm-5 3h3v4h-3z"
    "m-3-7h2v3h-2z\"/>";

static const char screen[] =
    "<rect class=w x=3 y=10 width=98 height=66 rx=4 />"
    "<path class=l d=\"M45 76v12m14-12v12M33 90h38\"/>"
    "<rect class=n x=12 y=19 width=80 height=18 rx=3 />"
    "<path class=k d=\"M19 28a3 3 0 1 0 6 0a3 3 0 1 0-6 0m10 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0m10 0a3 3 0 1 0 6 0a3 3 0 1 "
    "0-6 0"
    "m10 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0m10 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0m10 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0\"/>"
    "<rect class=w x=12 y=45 width=80 height=22 rx=3 />"
    "<path class=d d=\"M108 56h-12\"/>";

static const char small_phone[] = "<rect class=w x=112 y=16 width=46 height=80 rx=8 />"
                                  "<path class=l d=\"M130 22.500h10\"/>"
                                  "<rect class=g x=117 y=29 width=36 height=54 rx=2 />"
                                  "<path class=l d=\"M131 89.500h8\"/>";

static const char small_token[] = "<path class=l d=\"M135 29c-12-20 12-20 0 0\"/>"
                                  "<rect class=w x=112 y=29 width=46 height=58 rx=11 />"
                                  "<rect class=g x=117 y=46 width=36 height=19 rx=2 />"
                                  "<circle class=l cx=135 cy=76 r=5 />"
                                  "<circle class=l cx=135 cy=37 r=2 />";

static const char key_ring[] =
    "<path class=w d=\"M66 26h70a12 12 0 0 1 12 12v24a12 12 0 0 1-12 12H66a12 12 0 0 1-12-12V38a12 12 0 0 1 12-12z\"/>"
    "<circle class=l cx=67 cy=50 r=5 />"
    "<rect class=g x=80 y=38 width=42 height=24 rx=2 />"
    "<circle class=l cx=135 cy=50 r=6 />"
    "<circle class=l cx=42 cy=50 r=24 />";

static const char pressed[] = "<rect class=w x=8 y=20 width=112 height=48 rx=14 />"
                              "<rect class=g x=18 y=31 width=66 height=26 rx=3 />"
                              "<circle class=l cx=101 cy=44 r=9 />"
                              "<path class=w d=\"M98 46a6 6 0 0 1 11-4l9 16c4-4 9-3 10 1 4-2 8 0 9 4 4-1 7 1 8 5l6 "
                              "14-26 15-9-9c-6-5-10-9-11-13 1-4 "
                              "5-5 8-3z\"/>";

/* Middle and width of the place where a code is drawn. */
static void put_digits(struct sink *sink, unsigned digits, unsigned x, unsigned y, unsigned width)
{
    sink_text(sink, "<text class=c x=");
    sink_number(sink, x);
    sink_text(sink, " y=");
    sink_number(sink, y);
    sink_text(sink, " textLength=");
    sink_number(sink, width);
    sink_text(sink, " font-size=");
    sink_number(sink, width * 8 / 5 / digits);
    sink_text(sink, ">");
    sink_put(sink, "12345678", digits);
    sink_text(sink, "</text>");
}

void sheet_picture_write(enum sheet_picture picture, unsigned digits, struct sink *sink)
{
    switch (picture) {
    case SHEET_PICTURE_APP:
        sink_text(sink, phone_app);
        return;
    case SHEET_PICTURE_SCAN:
        sink_text(sink, paper_and_phone);
        return;
    case SHEET_PICTURE_LOGIN:
    case SHEET_PICTURE_TOKEN_LOGIN:
        sink_text(sink, screen);
        put_digits(sink, digits, 52, 61, 64);
        sink_text(sink, picture == SHEET_PICTURE_LOGIN ? small_phone : small_token);
        put_digits(sink, digits, 135, 59, 31);
        return;
    case SHEET_PICTURE_TOKEN:
        sink_text(sink, key_ring);
        return;
    case SHEET_PICTURE_PRESS:
        sink_text(sink, pressed);
        put_digits(sink, digits, 51, 50, 58);
        return;
    }
}
