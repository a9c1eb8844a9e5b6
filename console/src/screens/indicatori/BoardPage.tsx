import './board.css'
import { useLingui } from '@lingui/react/macro'
import { useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Failure } from '../../app/Failure'
import { useNarrow } from '../../app/narrow'
import { WaitingRows } from '../../ui/parts'
import { BoardHead } from './BoardHead'
import { Card } from './Card'
import { Charts } from './Charts'
import { cardsOf } from './figures'
import { Kits, Stages } from './Lists'
import { Load } from './Load'
import { type BoardSearch, readBoardSearch } from './search'
import { useBoard } from './useBoard'
import { useFocusOfNumber } from './useFocusOfNumber'

/** How the work goes: figures, each of which opens the rows behind it. */
export function BoardPage() {
  const { t } = useLingui()
  const asked: BoardSearch = useSearch({ from: '/frame/indicatori' })
  // A phone is no wall.
  const search = useNarrow() ? readBoardSearch({ ...asked, wall: undefined }) : asked
  const { board, isOf, error, staleSince, readAgain } = useBoard(search)

  const ofNumber = useFocusOfNumber(board !== undefined)

  useEffect(() => {
    document.title = `${t`Indicatori`} · IntelligenceHub`
  }, [t])

  // A screen on the wall shows nothing but the board.
  useEffect(() => {
    if (!search.wall) return
    document.documentElement.dataset.wall = ''
    return () => {
      delete document.documentElement.dataset.wall
    }
  }, [search.wall])

  return (
    <div className="page board-page">
      <BoardHead search={search} board={board} staleSince={staleSince} />
      {error && !board && <Failure error={error} onAgain={() => void readAgain()} />}
      {!board && !error && <WaitingRows count={6} height={120} label={t`Caricamento…`} />}
      {board && (
        <div className={isOf ? 'board' : 'board waiting-board'} {...ofNumber}>
          <div className="cards">
            {cardsOf(board.board.figures).map((figure) => (
              <Card key={figure.definition.key} figure={figure} figures={board.board.figures} />
            ))}
          </div>
          <div className="board-row charts">
            <Charts figures={board.board.figures} />
          </div>
          <div className="board-row">
            <Stages stages={board.stages} />
            <Load figures={board.load.figures} />
            <Kits figures={board.kits.figures} />
          </div>
        </div>
      )}
    </div>
  )
}
