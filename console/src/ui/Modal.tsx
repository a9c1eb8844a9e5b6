import type { ReactNode } from 'react'
import { Modal as AriaModal, Dialog, ModalOverlay } from 'react-aria-components'

/** A dialog in front of everything. It gives the focus back where it was. */
export function Modal({
  children,
  onClose,
  className = '',
  label,
}: {
  children: ReactNode
  onClose: () => void
  className?: string
  label?: string
}) {
  return (
    <ModalOverlay isOpen isDismissable onOpenChange={(open) => !open && onClose()} className="overlay" data-modal="">
      <AriaModal className={`modal ${className}`}>
        <Dialog className="dialog" {...(label ? { 'aria-label': label } : {})}>
          {children}
        </Dialog>
      </AriaModal>
    </ModalOverlay>
  )
}
