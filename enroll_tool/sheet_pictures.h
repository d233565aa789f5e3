/* The sheet's pictures: line drawings as inline SVG, black on white, each with a title in the sheet's language for who cannot see it. */
#ifndef GARDE_TOOL_SHEET_PICTURES_H
#define GARDE_TOOL_SHEET_PICTURES_H

#include "sink.h"

enum sheet_picture {
    SHEET_PICTURE_APP,   /* a phone installs an app */
    SHEET_PICTURE_SCAN,  /* a phone looks at the QR code */
    SHEET_PICTURE_LOGIN, /* a login screen, and the device beside it */
    SHEET_PICTURE_TOKEN_LOGIN,
    SHEET_PICTURE_TOKEN, /* a token on a key ring */
    SHEET_PICTURE_PRESS, /* a finger on its button */
};

/* What stands inside of <svg viewBox="0 0 160 100">, behind its title. digits: 6..8, of the codes that are drawn. */
void sheet_picture_write(enum sheet_picture picture, unsigned digits, struct sink *sink);

#endif
