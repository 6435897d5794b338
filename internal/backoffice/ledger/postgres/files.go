package postgres

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

func scanRecipient(row pgx.Rows, r *ledger.Recipient) error {
	return row.Scan(&r.GUID, &r.Account, (*instant)(&r.GoneAt))
}

// Recipients gives those of a request, by account.
func (v *view) Recipients(guid string) ([]ledger.Recipient, error) {
	err := v.about(guid)
	var rows []ledger.Recipient
	if err == nil {
		rows, err = all(v.s, scanRecipient, "SELECT guid, account, gone_at FROM recipients WHERE guid = $1 ORDER BY account", guid)
	}
	if err != nil {
		return nil, fmt.Errorf("read the recipients of %s: %w", guid, err)
	}
	return rows, nil
}

// Whoever receives a request and does not own it has a row of their own, to be
// listed by. The request may come before its recipients or after them.
const (
	receive = `INSERT INTO received (guid, account, state) SELECT guid, $2, state FROM requests
		WHERE guid = $1 AND owner <> $2 ON CONFLICT DO NOTHING`
	receiveAll = `INSERT INTO received (guid, account, state) SELECT guid, account, $2 FROM recipients
		WHERE guid = $1 AND account <> $3 AND gone_at IS NULL ON CONFLICT DO NOTHING`
	receivedMoves = "UPDATE received SET state = $2 WHERE guid = $1 AND state <> $2"
	receiveNoMore = "DELETE FROM received WHERE guid = $1 AND account = $2"
)

// PutRecipient adds or replaces one.
func (x *tx) PutRecipient(r ledger.Recipient) error {
	err := x.later(r.GUID, `INSERT INTO recipients (guid, account, gone_at) VALUES ($1, $2, $3)
		ON CONFLICT (guid, account) DO UPDATE SET gone_at = excluded.gone_at`, r.GUID, r.Account, at(r.GoneAt))
	if err == nil && r.GoneAt.IsZero() {
		err = x.later(r.GUID, receive, r.GUID, r.Account)
	} else if err == nil {
		err = x.later(r.GUID, receiveNoMore, r.GUID, r.Account)
	}
	if err != nil {
		return fmt.Errorf("write recipient %s of %s: %w", r.Account, r.GUID, err)
	}
	return nil
}

const fileColumns = "guid, generation, name, media_type, size, sha256, pages, rows, blob_key, stored_at, refused, damaged"

func scanFile(row pgx.Rows, f *ledger.File) error {
	return row.Scan(&f.GUID, &f.Generation, &f.Name, &f.MediaType, &f.Size, &f.SHA256, &f.Pages, &f.Rows,
		&f.BlobKey, (*instant)(&f.StoredAt), &f.Refused, &f.Damaged)
}

// Files gives those of all generations, by generation and name.
func (v *view) Files(guid string) ([]ledger.File, error) {
	err := v.about(guid)
	var rows []ledger.File
	if err == nil {
		rows, err = all(v.s, scanFile, "SELECT "+fileColumns+" FROM report_files WHERE guid = $1 ORDER BY generation, name", guid)
	}
	if err != nil {
		return nil, fmt.Errorf("read the files of %s: %w", guid, err)
	}
	return rows, nil
}

const putFile = "INSERT INTO report_files (" + fileColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
	ON CONFLICT (guid, generation, name) DO UPDATE SET (media_type, size, sha256, pages, rows, blob_key, stored_at, refused, damaged)
		= (excluded.media_type, excluded.size, excluded.sha256, excluded.pages, excluded.rows, excluded.blob_key,
			excluded.stored_at, excluded.refused, excluded.damaged)`

// PutFile adds or replaces one.
func (x *tx) PutFile(f ledger.File) error {
	err := x.later(f.GUID, putFile, f.GUID, f.Generation, f.Name, f.MediaType, f.Size, f.SHA256, f.Pages, f.Rows,
		f.BlobKey, at(f.StoredAt), f.Refused, f.Damaged)
	if err != nil {
		return fmt.Errorf("write file %s of %s, generation %d: %w", f.Name, f.GUID, f.Generation, err)
	}
	return nil
}

const blobKnown = `SELECT EXISTS (SELECT 1 FROM report_files f JOIN requests r ON r.guid = f.guid
	WHERE f.blob_key = $1 AND f.blob_key <> '' AND r.purged_at IS NULL)`

// BlobKnown reports whether a file of a request not purged names these bytes.
func (v *view) BlobKnown(key string) (bool, error) {
	known, err := single(v, column[bool], blobKnown, key)
	if err != nil {
		return false, fmt.Errorf("look who names blob %s: %w", key, err)
	}
	return known, nil
}

// Forget removes the files' rows, the progress and the letters of a purged request.
func (x *tx) Forget(guid string) error {
	for _, query := range []string{
		"DELETE FROM report_files WHERE guid = $1",
		"DELETE FROM mails WHERE guid = $1",
		"DELETE FROM progress WHERE guid = $1",
	} {
		if err := x.later(guid, query, guid); err != nil {
			return fmt.Errorf("forget what request %s left: %w", guid, err)
		}
	}
	return nil
}
