#include "qr.h"

#include <errno.h>
#include <qrencode.h>
#include <stdlib.h>

struct qr {
    unsigned width; /* without the quiet zone; 177 at most, whose bits fit into one secret */
    struct secret *bits;
};

static void drop_symbol(QRcode **symbol)
{
    if (*symbol == NULL)
        return;
    secret_wipe((*symbol)->data, (size_t)(*symbol)->width * (size_t)(*symbol)->width);
    QRcode_free(*symbol);
    *symbol = NULL;
}

static struct qr *pack(const QRcode *symbol)
{
    size_t width = (size_t)symbol->width;
    struct qr *qr = calloc(1, sizeof *qr);
    if (qr == NULL)
        return NULL;
    qr->width = (unsigned)width;
    qr->bits = secret_new((width * width + 7) / 8);
    if (qr->bits == NULL) {
        qr_free(qr);
        return NULL;
    }
    uint8_t *bits = secret_fill(qr->bits);
    for (size_t i = 0; i < width * width; i++)
        if ((symbol->data[i] & 1) != 0)
            bits[i / 8] = (uint8_t)(bits[i / 8] | 1U << i % 8);
    return qr;
}

enum status qr_new(const struct secret *text, struct qr **out_qr)
{
    if (secret_len(text) == 0)
        return STATUS_INVALID;

    errno = 0;
    __attribute__((cleanup(drop_symbol))) QRcode *symbol =
        QRcode_encodeString((const char *)secret_read(text), 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (symbol == NULL)
        return errno == ENOMEM ? STATUS_NO_MEMORY : STATUS_INVALID;

    struct qr *qr = pack(symbol);
    if (qr == NULL)
        return STATUS_NO_MEMORY;
    *out_qr = qr;
    return STATUS_OK;
}

void qr_free(struct qr *qr)
{
    if (qr == NULL)
        return;
    secret_free(qr->bits);
    free(qr);
}

void qr_drop(struct qr **qr)
{
    qr_free(*qr);
    *qr = NULL;
}

unsigned qr_side(const struct qr *qr)
{
    return qr->width + 2 * QR_QUIET;
}

bool qr_is_dark(const struct qr *qr, unsigned x, unsigned y)
{
    if (x < QR_QUIET || y < QR_QUIET || x >= QR_QUIET + qr->width || y >= QR_QUIET + qr->width)
        return false;
    size_t i = (size_t)(y - QR_QUIET) * qr->width + (x - QR_QUIET);
    return ((unsigned)secret_read(qr->bits)[i / 8] >> i % 8 & 1U) != 0;
}
